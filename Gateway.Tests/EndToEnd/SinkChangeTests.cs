using System.Text.Json.Nodes;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd;

/// <summary>An admin edits the sinks of gateway.json while the gateway runs.</summary>
internal sealed class SinkChangeTests
{
    [Test]
    public async Task A_webhook_that_is_added_gets_all_readings_with_their_ids()
    {
        await using var receiver = await HttpReceiver.StartAsync((_, _) => Task.CompletedTask);
        await using var gateway = await GatewayUnderTest.StartAsync();
        await gateway.PostAsync("/m", Frames.Efento);
        await gateway.ReadingsAsync(4);

        var file = gateway.Folder.PathOf("gateway.json");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file))
            .Replace("\"sinks\": {", $"\"sinks\": {{ \"web\": {{ \"type\": \"http\", \"url\": \"{receiver.Url}\" }},", StringComparison.Ordinal));
        await gateway.LoggedAsync("at work are now: file, web");
        await gateway.PostAsync("/m", Frames.Efento);

        await Eventually.HoldsAsync(() => Messages(receiver).Count == 8, "both frames' readings at the receiver");
        Assert.That(Messages(receiver).Select(message => message["message_id"]!.GetValue<string>()),
            Is.EqualTo(from record in (int[])[1, 2] from place in Enumerable.Range(0, 4) select $"{gateway.Journal.Id}-{record}-{place}"));
        Assert.That(await gateway.ReadingsAsync(8), Has.Count.EqualTo(8), "the file goes on as before");
    }

    private static List<JsonNode> Messages(HttpReceiver receiver) => [.. receiver.Requests.SelectMany(request => JsonNode.Parse(request.Text)!.AsArray()).Select(message => message!)];
}
