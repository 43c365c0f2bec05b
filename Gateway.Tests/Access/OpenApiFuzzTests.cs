using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Access;
using Gateway.Tests.Support;

namespace Gateway.Tests.Access;

/// <summary>Requests made of the OpenAPI document: none is answered 5xx, none learns of our insides, and every error is a problem document.</summary>
internal sealed class OpenApiFuzzTests
{
    private const int AtOnce = 8;

    // What only code says: names of types, places in a stack, files of ours.
    // The example that is given to who writes the name of no category of the log.
    private const string LogCategory = "Gateway.Uplink";

    private static readonly string[] Insides = ["System.", "Microsoft.", "Gateway.", ".cs:line", "NullReference", "LiteDB", "Sqlite", "/tmp/gateway-test"];

    [Test]
    public async Task Whatever_is_asked_the_answer_is_a_result_or_a_problem()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("API_FUZZ_REQUESTS"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked : 1000;
        var seed = int.TryParse(Environment.GetEnvironmentVariable("FUZZ_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 9457;
        await using var gateway = await GatewayUnderTest.StartAsync(null, null, "access.requests_per_second=1000000", "access.burst=1000000", "access.stranger_burst=1000000");
        gateway.Log.Expect(".csx");
        var key = await gateway.KeyAsync(Role.Admin);
        using var http = new HttpClient { BaseAddress = gateway.Http.BaseAddress, DefaultRequestHeaders = { Authorization = new("Bearer", key) } };
        var fuzz = new OpenApiFuzz(JsonNode.Parse(await http.GetStringAsync("/openapi/v1.json"))!, new Random(seed));
        var (faults, statuses) = (new ConcurrentQueue<string>(), new ConcurrentDictionary<HttpStatusCode, int>());

        for (var done = 0; done < count; done += AtOnce)
        {
            var requests = Enumerable.Range(0, AtOnce).Select(_ => fuzz.Next()).ToList();
            await Task.WhenAll(requests.Select(async next =>
            {
                using var request = next.Request;
                using var response = await http.SendAsync(request);
                statuses.AddOrUpdate(response.StatusCode, 1, (_, known) => known + 1);
                if (FaultOf(response, await response.Content.ReadAsStringAsync()) is { } fault)
                {
                    faults.Enqueue($"{fault}\n  {next.Told[..Math.Min(next.Told.Length, 300)]}");
                }
            }));
        }

        await TestContext.Out.WriteLineAsync(string.Join(", ", statuses.OrderBy(pair => pair.Key).Select(pair => $"{(int)pair.Key}: {pair.Value}")));
        Assert.That(faults.Take(10), Is.Empty, $"FUZZ_SEED={seed}");
        Assert.That(statuses.Keys, Has.Member(HttpStatusCode.OK).And.Member(HttpStatusCode.BadRequest).And.Member(HttpStatusCode.UnprocessableEntity).And.Member(HttpStatusCode.NotFound));
    }

    private static string? FaultOf(HttpResponseMessage response, string body)
    {
        var status = (int)response.StatusCode;
        if (status >= 500)
        {
            return $"{status}: {body}";
        }

        if (status < 400)
        {
            return null;
        }

        // A request line of more than 8 KB: the web server refuses it before there is a request.
        if (response.StatusCode is HttpStatusCode.RequestUriTooLong)
        {
            return body.Length == 0 ? null : $"414 with {body}";
        }

        if (response.Content.Headers.ContentType?.MediaType is not "application/problem+json")
        {
            return $"{status} is no problem document but {response.Content.Headers.ContentType}: {body}";
        }

        try
        {
            var problem = JsonNode.Parse(body)!;
            var errors = problem["errors"]?.AsArray();
            return problem["status"]?.GetValue<int>() != status ? $"{status} says {problem["status"]}"
                : problem["title"] is null ? $"{status} has no title: {body}"
                : status is 422 && problem["problems"] is null && (errors is null or { Count: 0 } || errors.Any(error => error?["pointer"]?.GetValue<string>().StartsWith('#') is not true)) ? $"422 without pointers: {body}"
                : Insides.FirstOrDefault(inside => body.Replace(LogCategory, "", StringComparison.Ordinal).Contains(inside, StringComparison.Ordinal)) is { } inside ? $"{status} tells of \"{inside}\": {body}"
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return $"{status} is no JSON: {body}";
        }
    }
}
