using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Tests.Support;
using Gateway.Tests.Uplink.Replay;

namespace Gateway.Tests.EndToEnd;

/// <summary>A replay in a process that is killed.</summary>
internal sealed class ReplayKillTests
{
    private const int Frames = 80;

    [Test]
    public async Task After_a_kill_another_replay_goes_on_and_no_frame_is_emitted_twice()
    {
        using var folder = new TempFolder();
        folder.Write("scripts/json.csx", ReplayHouse.Broken);
        using (var gateway = await StartAsync(folder))
        {
            for (var i = 0; i < Frames; i++)
            {
                await gateway.SendAsync($"{i:x2}", "/devices/cellar/data");
            }

            gateway.Kill();
        }

        folder.Write("scripts/json.csx", ReplayHouse.Mended);
        using (var gateway = await StartAsync(folder))
        {
            await ReplayAsync(gateway);
            await Eventually.HoldsAsync(() => Readings(folder).Count > 0, "the first batch of frames is read");
            gateway.Kill();
        }

        var before = Readings(folder).Count;
        using (var gateway = await StartAsync(folder, "replay.frames_per_second=0"))
        {
            await ReplayAsync(gateway);
            await Eventually.HoldsAsync(() => Readings(folder).DistinctBy(reading => Text(reading, "request_id")).Count() == Frames, "all frames are read");
        }

        var readings = Readings(folder);
        Assert.That(before, Is.LessThan(Frames), "it was killed in the middle");
        Assert.That(readings.Select(reading => reading["revision"]!.GetValue<int>()).Distinct(), Is.EqualTo(new[] { 1 }));
        Assert.That(readings.GroupBy(reading => Text(reading, "request_id")).Where(frame => frame.Select(reading => Text(reading, "message_id")).Distinct().Count() > 1), Is.Empty,
            "what the sink was given twice has the same id");
    }

    // Ten frames a second: a batch is on disk in about a second, and the end is far off.
    private static Task<GatewayProcess> StartAsync(TempFolder folder, string pace = "replay.frames_per_second=10") =>
        GatewayProcess.StartAsync(folder, $"scripts.path={folder.PathOf("scripts")}", "profiles={\"json\": {\"script\": \"json.csx\", \"unknown_devices\": \"provision\"}}",
            "routes=[{\"path\": \"/devices/{device_id}/data\", \"profile\": \"json\"}]", "sinks.file.message_ids=true", pace);

    private static async Task ReplayAsync(GatewayProcess gateway)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsJsonAsync(new Uri($"{gateway.ApiAddress}/api/v1/dead-letters/replay"), new { });
        Assert.That((int)answer.StatusCode, Is.EqualTo(202));
    }

    // The last line may be under way.
    private static IReadOnlyList<JsonNode> Readings(TempFolder folder)
    {
        var file = folder.PathOf("data/readings.ndjson");
        var text = File.Exists(file) ? File.ReadAllText(file) : "";
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }

    private static string Text(JsonNode reading, string name) => reading[name]!.GetValue<string>();
}
