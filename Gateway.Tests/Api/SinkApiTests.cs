using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Gateway.Coap;
using Gateway.Tests.Support;

namespace Gateway.Tests.Api;

/// <summary>The sinks over the management API, and dead letters that are offered again to a real web server.</summary>
internal sealed class SinkApiTests
{
    [Test]
    public async Task What_a_receiver_refused_is_offered_to_it_again_and_what_it_refuses_again_is_kept()
    {
        // Two readings are refused until the receiver is mended, one of them for ever.
        var (isMended, taken) = (false, new ConcurrentQueue<string>());
        await using var receiver = await HttpReceiver.StartAsync((context, request) =>
        {
            var messages = JsonNode.Parse(request.Text)!.AsArray().Select(message => (Id: message!["message_id"], Value: message["values"]![0]!.GetValue<double>())).ToArray();
            if (messages.Any(message => message.Value == 3 || (message.Value == 2 && !Volatile.Read(ref isMended))))
            {
                context.Response.StatusCode = 422;
                return Task.CompletedTask;
            }

            foreach (var (id, value) in messages)
            {
                taken.Enqueue($"{id} {value}");
            }

            return Task.CompletedTask;
        });
        await using var gateway = await GatewayUnderTest.StartAsync(sets: $$"""sinks.web={"type": "http", "url": "{{receiver.Url}}"}""");
        foreach (var value in new[] { 1, 2, 3 })
        {
            await gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", System.Text.Encoding.UTF8.GetBytes($$"""{"temperature": {{value}}}"""));
        }

        await Eventually.HoldsAsync(
            async () => await SinkAsync(gateway) is var sink && sink["dead_letters"]!.GetValue<int>() == 2 && sink["lag"]!.GetValue<int>() == 0, "two dead letters, and nothing waits");
        Volatile.Write(ref isMended, true);
        var before = await SinkAsync(gateway);
        using var asked = await gateway.Http.PostAsync(new Uri("/api/v1/sinks/web/dead-letters/replay", UriKind.Relative), null);
        await Eventually.HoldsAsync(async () => await SinkAsync(gateway) is var sink && !sink["replaying"]!.GetValue<bool>() && sink["dead_letters"]!.GetValue<int>() == 1, "one is left");

        var letter = JsonNode.Parse((await File.ReadAllLinesAsync(gateway.Folder.PathOf("data/dead-letters/web.ndjson"))).Single())!;
        Assert.That((before["type"]!.GetValue<string>(), before["state"]!.GetValue<string>(), before["lag"]!.GetValue<int>(), before["cursor"]!.GetValue<int>()), Is.EqualTo(("http", "running", 0, 3)));
        Assert.That(asked.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That(taken, Is.EqualTo(new[] { $"{gateway.Journal.Id}-1-0 1", $"{gateway.Journal.Id}-2-0 2" }), "with the id that it had");
        Assert.That(letter["body"]!["values"]![0]!.GetValue<int>(), Is.EqualTo(3));
        Assert.That(Directory.GetFiles(gateway.Folder.PathOf("data/dead-letters")), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task A_sink_that_is_not_there_is_not_found()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        using var answer = await gateway.Http.PostAsync(new Uri("/api/v1/sinks/nobody/dead-letters/replay", UriKind.Relative), null);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_sink_that_fails_says_why()
    {
        await using var receiver = await HttpReceiver.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        await using var gateway = await GatewayUnderTest.StartAsync(sets: $$"""sinks.web={"type": "http", "url": "{{receiver.Url}}"}""");
        gateway.Log.Expect("503");
        await gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", """{"temperature": 1}"""u8.ToArray());

        await Eventually.HoldsAsync(async () => (await SinkAsync(gateway))["state"]!.GetValue<string>() == "failing", "the sink fails");

        var sink = await SinkAsync(gateway);
        Assert.That(sink["problem"]!.GetValue<string>(), Does.Contain("503"));
        Assert.That(sink["lag"]!.GetValue<int>(), Is.EqualTo(1));
        Assert.That(sink["failing_since"], Is.Not.Null);
    }

    [Test]
    public async Task A_paused_sink_stays_so_over_a_restart_and_goes_on_where_it_was()
    {
        using var folder = new TempFolder();
        await using (var first = await GatewayUnderTest.StartAsync(folder))
        {
            await SpeakAsync(first, 1);
            await first.ReadingsAsync(1);
            using var paused = await first.SendJsonAsync(HttpMethod.Post, "/api/v1/sinks/file/pause");
            using var unknown = await first.SendJsonAsync(HttpMethod.Post, "/api/v1/sinks/nobody/pause");
            await SpeakAsync(first, 2);

            Assert.That((paused.StatusCode, unknown.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.NotFound)));
            Assert.That((await SinkAsync(first, "file"))["state"]!.GetValue<string>(), Is.EqualTo("paused"));
        }

        await using var second = await GatewayUnderTest.StartAsync(folder);
        await SpeakAsync(second, 3);
        var (still, before) = (await SinkAsync(second, "file"), (await second.ReadingsAsync(1)).Count);
        using var resumed = await second.SendJsonAsync(HttpMethod.Post, "/api/v1/sinks/file/resume");
        var readings = await second.ReadingsAsync(3);

        Assert.That((still["state"]!.GetValue<string>(), still["lag"]!.GetValue<int>(), before), Is.EqualTo(("paused", 2, 1)));
        Assert.That(readings.Select(reading => reading["values"]!.ToJsonString()), Is.EqualTo(new[] { "[1]", "[2]", "[3]" }));
    }

    private static Task<CoapMessage> SpeakAsync(GatewayUnderTest gateway, int value) =>
        gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", System.Text.Encoding.UTF8.GetBytes($$"""{"temperature": {{value}}}"""));

    private static async Task<JsonNode> SinkAsync(GatewayUnderTest gateway, string name = "web") =>
        JsonNode.Parse(await gateway.Http.GetStringAsync($"/api/v1/sinks/{name}"))!;
}
