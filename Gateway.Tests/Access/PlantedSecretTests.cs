using System.CommandLine;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using Gateway.Cli;
using Gateway.Coap;
using Gateway.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Access;

/// <summary>Secrets are planted wherever gateway.json, devices and keys have them, and must be found in no output.</summary>
internal sealed class PlantedSecretTests
{
    private const string Plant = "planted5ecret";

    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task No_secret_is_in_a_log_an_answer_or_a_metric()
    {
        var output = new StringBuilder();
        await using (var gateway = await StartAsync())
        {
            gateway.Log.Expect("");
            using var put = await gateway.Http.PutAsJsonAsync("/api/v1/devices/cellar", new { profile = "secret", token = Plant + "-device" });
            output.AppendLine(await put.Content.ReadAsStringAsync());
            foreach (var token in new[] { Plant + "-device", Plant + "-guess", Plant + "-shared" })
            {
                var answer = await gateway.SendAsync(CoapCode.Post, "/secret/cellar", "{\"t\": 1}"u8.ToArray(), new CoapOption(2049, Encoding.UTF8.GetBytes(token)));
                output.AppendLine(Encoding.UTF8.GetString(answer.Payload.Span));
            }

            await gateway.QueueAsync(new { device_id = "cellar", command_type = "set", payload = new { on = true } });
            await gateway.LoggedAsync("mqtt");
            await gateway.LoggedAsync("nats");
            await gateway.LoggedAsync("web");
            var key = await gateway.KeyAsync(Gateway.Access.Role.Admin);
            await AskEverythingAsync(gateway, key, output);
            output.AppendJoin('\n', gateway.Log.Entries.Select(entry => entry.Whole));
            Assert.That(output.ToString(), Does.Contain("failing"), "the sinks were to fail, and to say why");
            Assert.That(output.ToString(), Does.Not.Contain(key).And.Not.Contain(key.Split('_', 3)[2]));
        }

        Assert.That(Lines(output), Is.Empty);
    }

    [Test]
    public async Task No_secret_is_in_what_check_says_of_a_configuration()
    {
        var output = new StringBuilder();
        foreach (var broken in new[]
        {
            Configuration().Replace("client_id", "clientid", StringComparison.Ordinal),
            Configuration().Replace("mqtt://127.0.0.1:1", "http://${file:plant}@127.0.0.1:1", StringComparison.Ordinal),
            Configuration().Replace("\"mqtt\"", "\"${file:plant}\"", StringComparison.Ordinal),
            Configuration().Replace("\"option\": 2049", "\"option\": \"${file:plant}\"", StringComparison.Ordinal),
            Configuration().Replace("nats://127.0.0.1:1", "nats://${file:plant}", StringComparison.Ordinal),
            $$"""{"sinks": {"pg": {"type": "postgresql", "connection": "Host=127.0.0.1;Passwort={{Plant}}-x", "password": "{{Plant}}"} } }""",
            $$"""{"api": {"tls": {"certificate_file": "none.pem", "password": "{{Plant}}"} } }""",
        })
        {
            _folder.Write("plant", Plant + "-file\n");
            var file = _folder.Write("gateway.json", broken);
            using var text = new StringWriter(output, CultureInfo.InvariantCulture);
            var code = await CommandLine.RunAsync(["check", "--config", file], new InvocationConfiguration { Output = text, Error = text });
            Assert.That(code, Is.Not.Zero, broken);
        }

        Assert.That(output.ToString(), Does.Contain("gateway.json"));
        Assert.That(Lines(output), Is.Empty);
    }

    private async Task<GatewayUnderTest> StartAsync()
    {
        _folder.Write("plant", Plant + "-file\n");
        return await GatewayUnderTest.StartAsync(_folder, Configuration());
    }

    // Nothing listens where the sinks go, so that each has something to say.
    private static string Configuration() => $$"""
        {
          "routes": [ { "path": "/secret/{device_id}", "profile": "secret" } ],
          "profiles": {
            "secret": { "script": "json.csx", "unknown_devices": "hold", "proof": [ { "type": "token", "option": 2049, "token": "{{Plant}}-shared" } ] }
          },
          "sinks": {
            "console": { "type": "console" },
            "web": { "type": "http", "url": "http://127.0.0.1:1/x", "headers": { "Authorization": "Bearer ${file:plant}" }, "signature_key": "{{Plant}}-signature" },
            "mqtt": { "type": "mqtt", "url": "mqtt://127.0.0.1:1", "user": "gateway", "password": "${file:plant}" },
            "nats": { "type": "nats", "url": "nats://127.0.0.1:1", "token": "{{Plant}}-token", "stream": "readings" },
            "pg": { "type": "postgresql", "connection": "Host=127.0.0.1;Port=1;Username=gateway;Database=x", "password": "${file:plant}" }
          },
          "intake": {
            "field": { "type": "mqtt", "url": "mqtt://127.0.0.1:1", "client_id": "gateway", "user": "gateway", "password": "{{Plant}}-intake" }
          },
          "telemetry": { "otlp": { "endpoint": "http://127.0.0.1:1", "headers": { "Authorization": "Bearer ${file:plant}" }, "trace_ratio": 1 } }
        }
        """;

    private static async Task AskEverythingAsync(GatewayUnderTest gateway, string key, StringBuilder output)
    {
        foreach (var endpoint in gateway.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            if (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() is { } methods && !methods.HttpMethods.Contains("GET"))
            {
                continue;
            }

            var path = "/" + endpoint.RoutePattern.RawText!.TrimStart('/').Replace("{device_id}", "cellar", StringComparison.Ordinal)
                .Replace("{name}", "json.csx", StringComparison.Ordinal).Replace("{documentName}", "v1", StringComparison.Ordinal);
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Authorization = new("Bearer", key) } };
            using var response = await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            if (response.Content.Headers.ContentType?.MediaType is not "text/event-stream")
            {
                output.AppendLine(await response.Content.ReadAsStringAsync());
            }
        }

        // And what is refused: wrong keys, wrong bodies.
        foreach (var (body, with) in new[] { ($$"""{"profile": 1, "token": {"{{Plant}}": 1} }""", key), ($$"""{"token": "{{Plant}}" """, key), ("{}", key + "x"), ("{}", Plant) })
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await gateway.AskAsync(HttpMethod.Put, "/api/v1/devices/cellar", with, body: content);
            output.AppendLine((await response.Content.ReadAsStringAsync()).Replace($"$.token.{Plant}", "the name of a member", StringComparison.Ordinal).Replace($"#/token/{Plant}", "the same", StringComparison.Ordinal));
        }
    }

    private static IEnumerable<string> Lines(StringBuilder output) => output.ToString().Split('\n').Where(line => line.Contains(Plant, StringComparison.OrdinalIgnoreCase));
}
