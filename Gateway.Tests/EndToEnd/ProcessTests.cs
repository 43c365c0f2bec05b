using System.Globalization;
using System.Net.Http.Json;
using Gateway.Protos.Efento;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd;

/// <summary>The program as an admin starts it: in a process of its own, which can be killed.</summary>
internal sealed class ProcessTests
{
    [Test]
    public async Task Killing_the_process_loses_no_queued_command_and_no_answered_frame()
    {
        using var folder = new TempFolder();
        using (var gateway = await GatewayProcess.StartAsync(folder))
        {
            await gateway.SendAsync(Frames.Efento);
            using var http = new HttpClient();
            using var queued = await http.PostAsJsonAsync(
                new Uri($"{gateway.ApiAddress}/api/v1/commands"),
                new { device_id = "282c02424eed", command_type = "config_update", payload = new { transmission_interval = 3600 } });
            Assert.That((int)queued.StatusCode, Is.EqualTo(201));
            gateway.Kill();
        }

        using (var gateway = await GatewayProcess.StartAsync(folder))
        {
            var answer = await gateway.SendAsync(Frames.Efento);

            Assert.That(ProtoConfig.Parser.ParseFrom(answer.Payload.Span).TransmissionInterval, Is.EqualTo(3600));
            await Eventually.HoldsAsync(() => File.ReadAllLines(folder.PathOf("data/readings.ndjson")).Length >= 8, "both frames' readings in the file");
        }
    }

    [Test]
    public async Task A_configuration_that_cannot_be_used_ends_with_all_problems_and_code_2()
    {
        using var folder = new TempFolder();
        var file = folder.Write("gateway.json", """{ "coap": { "port": 70000, "prot": 1 }, "profiles": {} }""");

        var (code, error) = await RunToEndAsync("run", "--config", file);

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.Contain("coap.port").And.Contain("coap.prot").And.Contain("routes[0].profile"));
    }

    [Test]
    public async Task A_port_that_is_taken_ends_with_what_to_do()
    {
        using var folder = new TempFolder();
        using var gateway = await GatewayProcess.StartAsync(folder);

        using var second = new TempFolder();
        var file = second.Write("gateway.json", File.ReadAllText(Repository.PathOf("gateway.json")));
        var (code, error) = await RunToEndAsync("run", "--config", file, "--set", "coap.addresses=[\"127.0.0.1\"]", "--set", $"coap.port={gateway.CoapPort}", "--set", "api.port=0");

        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain("cannot start").And.Contain(gateway.CoapPort.ToString(CultureInfo.InvariantCulture)));
        Assert.That(error, Does.Not.Contain("   at ").And.Not.Contain("FATAL"), "one line says it all");
    }

    private static async Task<(int Code, string Error)> RunToEndAsync(params string[] arguments)
    {
        using var process = GatewayProcess.Launch(arguments);
        var error = await process.StandardError.ReadToEndAsync().WaitAsync(Eventually.Limit);
        await process.WaitForExitAsync();
        return (process.ExitCode, error);
    }
}
