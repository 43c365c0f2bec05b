using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Coap;
using Gateway.Coap.Dtls;
using Gateway.Journal;
using Gateway.Tests.Coap.Dtls;
using Gateway.Tests.Journal;
using Gateway.Tests.Support;
using Gateway.Uplink;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Uplink.Replay;

/// <summary>Frames that are read again, with a real device, a real sink and a script that is mended in between.</summary>
internal sealed class ReplayTests
{
    [Test]
    public async Task Dead_letters_are_read_by_the_mended_script_once_and_at_their_original_times()
    {
        await using var house = await ReplayHouse.StartAsync(ReplayHouse.Broken);
        await house.SendAsync("cellar", 7);
        await house.SendAsync("attic", 8);
        await house.ChangeScriptAsync(ReplayHouse.Mended);

        var first = await house.ReplayAsync(new { });
        var second = await house.ReplayAsync(new { });
        var readings = await house.Gateway.ReadingsAsync(2);

        var frames = house.Gateway.Journal.Read(0, 10).Where(record => record.Kind is JournalRecordKind.Uplink).ToArray();
        Assert.That((Number(first, "parsed"), Number(first, "readings"), Number(first, "failed"), Text(first, "state")), Is.EqualTo((2, 2, 0, "completed")));
        Assert.That((Number(second, "parsed"), Number(second, "skipped")), Is.EqualTo((0, 2)), "they have been read");
        Assert.That(readings.Select(reading => (Text(reading, "device_id"), reading["values"]![0]!.GetValue<int>(), Number(reading, "revision"))), Is.EqualTo([("cellar", 7, 1), ("attic", 8, 1)]));
        Assert.That(readings.Select(reading => reading["timestamp"]!.GetValue<DateTimeOffset>()), Is.EqualTo(frames.Select(frame => frame.ReceivedAt)));
        Assert.That(readings.Select(reading => Text(reading, "request_id")), Is.EqualTo(frames.Select(frame => frame.RequestId)));
        Assert.That(readings.Select(reading => Text(reading, "replaces")), Is.EqualTo(frames.Select(frame => $"{house.Gateway.Journal.Id}-{frame.Sequence}")));
        Assert.That(house.Gateway.Journal.LastSequence, Is.EqualTo(4), "two frames, and two that were read again");
    }

    [Test]
    public async Task Frames_that_were_read_are_read_again_where_that_is_asked_and_only_what_has_changed_is_emitted()
    {
        await using var house = await ReplayHouse.StartAsync(ReplayHouse.Mended);
        await house.SendAsync("cellar", 0);
        await house.SendAsync("cellar", 20);
        await house.ChangeScriptAsync(ReplayHouse.Mended.Replace("payload[0]]", "payload[0] * 2]", StringComparison.Ordinal));

        var deadLetters = await house.ReplayAsync(new { });
        var all = await house.ReplayAsync(new { all = true });
        var again = await house.ReplayAsync(new { all = true });
        await house.SendAsync("cellar", 1);
        var readings = await house.Gateway.ReadingsAsync(4);

        Assert.That((Number(deadLetters, "parsed"), Number(deadLetters, "skipped")), Is.EqualTo((0, 0)));
        Assert.That((Number(all, "parsed"), Number(all, "unchanged")), Is.EqualTo((1, 1)), "0 doubled is 0");
        Assert.That((Number(again, "parsed"), Number(again, "unchanged")), Is.EqualTo((0, 2)));
        Assert.That(readings.Select(reading => (reading["values"]![0]!.GetValue<int>(), reading["revision"]?.GetValue<int>())), Is.EqualTo(new (int, int?)[] { (0, null), (20, null), (40, 1), (2, null) }));
    }

    [Test]
    public async Task Each_correction_is_a_revision_of_its_own()
    {
        await using var house = await ReplayHouse.StartAsync(ReplayHouse.Mended);
        await house.SendAsync("cellar", 3);
        for (var factor = 2; factor <= 4; factor++)
        {
            await house.ChangeScriptAsync(ReplayHouse.Mended.Replace("payload[0]]", $"payload[0] * {factor}]", StringComparison.Ordinal));
            await house.ReplayAsync(new { all = true });
        }

        var readings = await house.Gateway.ReadingsAsync(4);

        Assert.That(readings.Skip(1).Select(reading => (reading["values"]![0]!.GetValue<int>(), Number(reading, "revision"))), Is.EqualTo([(6, 1), (9, 2), (12, 3)]));
    }

    [Test]
    public async Task A_dry_run_tells_what_would_become_of_the_frames_and_changes_nothing()
    {
        await using var house = await ReplayHouse.StartAsync(ReplayHouse.Broken);
        await house.SendAsync("cellar", 7);
        await house.SendAsync("cellar");
        await house.ChangeScriptAsync(ReplayHouse.Mended);

        var status = await house.ReplayAsync(new { dry_run = true });

        Assert.That((Number(status, "parsed"), Number(status, "failed")), Is.EqualTo((1, 1)));
        Assert.That(house.Gateway.Journal.LastSequence, Is.EqualTo(2));
        var difference = status["differences"]![0]!;
        Assert.That((Number(difference, "sequence"), Text(difference, "outcome_before"), Text(difference, "outcome"), Number(difference, "readings")), Is.EqualTo((1, "script_failed", "parsed", 1)));
        Assert.That(difference["reading"]!["values"]!.ToJsonString(), Is.EqualTo("[7]"));
        Assert.That(Text(status["failures"]![0]!, "error"), Does.Contain("IndexOutOfRange"));
    }

    [Test]
    public async Task A_frame_that_fails_again_is_told_of_and_kept_only_where_that_is_news()
    {
        await using var house = await ReplayHouse.StartAsync(ReplayHouse.Broken);
        await house.SendAsync("cellar", 7);

        var same = await house.ReplayAsync(new { });
        Assert.That((Number(same, "failed"), house.Gateway.Journal.LastSequence), Is.EqualTo((1, 1)), "the same version fails as it did");

        await house.ChangeScriptAsync(ReplayHouse.Broken.Replace("a bug", "another bug", StringComparison.Ordinal));
        var other = await house.ReplayAsync(new { });

        var reread = house.Gateway.Journal.Read(1, 10).Single();
        Assert.That((Number(other, "failed"), reread.Kind, reread.About, reread.Revision, reread.Outcome), Is.EqualTo((1, JournalRecordKind.Reread, 1, 1, FrameOutcome.ScriptFailed)));
        Assert.That(reread.Error, Does.Contain("another bug"));
    }

    [Test]
    public async Task Frames_of_a_held_device_are_read_when_it_is_approved_and_those_of_others_are_not()
    {
        await using var house = await ReplayHouse.StartAsync(ReplayHouse.Mended, "profiles.json.unknown_devices=hold");
        await house.SendAsync("cellar", 7);
        await house.SendAsync("attic", 8);
        using var approved = await house.Gateway.Http.PostAsJsonAsync("/api/v1/devices/cellar/approve", new { labels = new[] { "cold" } });

        var readings = await house.Gateway.ReadingsAsync(1);
        await Eventually.HoldsAsync(async () => (await house.GetAsync("/api/v1/replays")).AsArray().All(replay => replay!["ended_at"] is not null), "the approval's own replay ends");
        var status = await house.ReplayAsync(new { });

        Assert.That((Number(status, "parsed"), Number(status, "skipped"), Number(status, "held")), Is.EqualTo((0, 1, 1)), "nothing is left but what still waits");
        Assert.That(readings.Single()["label"]!.ToJsonString(), Is.EqualTo("""["cold"]"""), "its configuration is the present one");
        Assert.That(house.Gateway.Journal.LastSequence, Is.EqualTo(3), "nothing is kept of a frame that still waits");
    }

    [Test]
    public async Task Frames_of_nobody_get_their_device_by_the_mended_script_if_it_is_registered()
    {
        const string Identify = "\nstring? identify(ReadOnlySpan<byte> payload, UplinkRequest request) => ";
        await using var house = await ReplayHouse.StartAsync(
            ReplayHouse.Mended + Identify + "throw new InvalidOperationException(\"who?\");", "routes=[{\"path\": \"/x\", \"profile\": \"json\"}]");
        await house.Gateway.PostAsync("/x", "07");
        await house.Gateway.PostAsync("/x", "08");
        await house.ChangeScriptAsync(ReplayHouse.Mended + Identify + "\"d\" + payload[0];");
        using var registered = await house.Gateway.Http.PutAsJsonAsync("/api/v1/devices/d8", new { profile = "json" });

        var status = await house.ReplayAsync(new { });
        var readings = await house.Gateway.ReadingsAsync(1);

        Assert.That((Number(status, "parsed"), Number(status, "held")), Is.EqualTo((1, 1)));
        Assert.That(Text(readings.Single(), "device_id"), Is.EqualTo("d8"));
        Assert.That((await house.GetAsync("/api/v1/devices"))["items"]!.AsArray(), Has.Count.EqualTo(1), "a replay lets nobody in");
    }

    // With the script broken nobody could say whose the frames were, but the key under which they came could.
    [Test]
    public async Task A_frame_under_a_devices_key_is_that_devices_or_nobodys()
    {
        const string Identify = "\nstring? identify(ReadOnlySpan<byte> payload, UplinkRequest request) => ";
        await using var house = await ReplayHouse.StartAsync(
            ReplayHouse.Mended + Identify + "throw new InvalidOperationException(\"who?\");", "routes=[{\"path\": \"/x\", \"profile\": \"json\", \"identity\": [\"script\", \"dtls\"]}]",
            "coap.dtls.enabled=true", "coap.dtls.port=0");
        using var key = await house.Gateway.Http.PutAsJsonAsync("/api/v1/devices/d8/dtls-keys/psk-8", new { key_text = "open sesame 8" });
        using var registered = await house.Gateway.Http.PutAsJsonAsync("/api/v1/devices/d8", new { profile = "json" });
        using var other = await house.Gateway.Http.PutAsJsonAsync("/api/v1/devices/d7", new { profile = "json" });
        using var device = new SecureDevice(house.Gateway.Services.GetRequiredService<CoapServer>().SecureEndPoints[0], new DtlsClientSettings("psk-8", "open sesame 8"u8.ToArray()));
        await device.SendAsync("/x", [7]);
        await device.SendAsync("/x", [8]);
        await device.SendAsync("/x", [9]);
        await house.ChangeScriptAsync(ReplayHouse.Mended + Identify + "payload[0] == 9 ? null : \"d\" + payload[0];");

        var status = await house.ReplayAsync(new { });
        var readings = await house.Gateway.ReadingsAsync(2);

        Assert.That(house.Gateway.Journal.Read(0, 3).Select(record => (record.DeviceId, record.DtlsDevice)), Is.All.EqualTo(("", "d8")));
        Assert.That(Number(status, "parsed"), Is.EqualTo(2));
        Assert.That(readings.Select(reading => Text(reading, "device_id")), Is.All.EqualTo("d8"), "neither d7, which the first one names, nor nobody, whom the last one does");
    }

    [Test]
    public async Task A_full_disk_makes_a_replay_wait()
    {
        const int NoRoom = 1410;
        const int RoomAgain = 1411;
        await using var folder = new JournalInAFolder { ExpectedComplaints = [NoRoom, RoomAgain] };
        var journal = await folder.OpenAsync();
        folder.FreeBytes = 0;
        await Eventually.HoldsAsync(() => Later(folder, () => journal.Health.State is JournalState.Failing), "the disk is full");
        using var run = new ReplayRun("x", new ReplayRequest(), DateTimeOffset.UnixEpoch);
        var batch = new RereadBatch(journal, folder.Time, run);
        batch.Add(JournalInAFolder.Record("r1") with { Kind = JournalRecordKind.Reread, About = 1, Revision = 1 });
        batch.Count(new ReplayCounts { Parsed = 1 });

        var keeping = batch.KeepAsync(CancellationToken.None);
        Assert.That((keeping.IsCompleted, run.Progress.Counts.Parsed), Is.EqualTo((false, 0)), "nothing is counted that is not kept");
        folder.FreeBytes = null;
        await Eventually.HoldsAsync(() => Later(folder, () => keeping.IsCompleted), "there is room");

        await keeping;
        Assert.That((run.Progress.Counts.Parsed, journal.LastSequence), Is.EqualTo((1, 1)));

        static bool Later(JournalInAFolder folder, Func<bool> condition)
        {
            folder.Time.Advance(TimeSpan.FromSeconds(1));
            return condition();
        }
    }

    [Test]
    public async Task Only_the_frames_that_are_asked_for_are_read()
    {
        await using var house = await ReplayHouse.StartAsync(ReplayHouse.Broken);
        await house.SendAsync("cellar", 1);
        await house.SendAsync("attic", 2);
        await house.SendAsync("cellar", 3);
        var times = house.Gateway.Journal.Read(0, 10).Select(record => record.ReceivedAt).ToArray();
        await house.ChangeScriptAsync(ReplayHouse.Mended);

        async Task<int> CountAsync(object request) => Number(await house.ReplayAsync(request), "parsed");

        Assert.That(await CountAsync(new { dry_run = true, device = "cellar" }), Is.EqualTo(2));
        Assert.That(await CountAsync(new { dry_run = true, profile = "efento" }), Is.Zero);
        Assert.That(await CountAsync(new { dry_run = true, profile = "json" }), Is.EqualTo(3));
        Assert.That(await CountAsync(new { dry_run = true, since = times[1] }), Is.EqualTo(2));
        Assert.That(await CountAsync(new { dry_run = true, until = times[1] }), Is.EqualTo(1));
        Assert.That(await CountAsync(new { dry_run = true, since = times[1], until = times[2] }), Is.EqualTo(1));
        Assert.That(await CountAsync(new { dry_run = true, since_sequence = 3 }), Is.EqualTo(1));
    }

    [TestCase("""{"profile": "nobody"}""", "#/profile")]
    [TestCase("""{"device": "not a device"}""", "#/device")]
    [TestCase("""{"since_sequence": 0}""", "#/since_sequence")]
    [TestCase("""{"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}""", "#/until")]
    public async Task A_request_that_makes_no_sense_is_refused(string request, string pointer)
    {
        await using var house = await ReplayHouse.StartAsync(ReplayHouse.Mended);

        var (status, body) = await house.BeginAsync(JsonNode.Parse(request)!);

        Assert.That(status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That(Text(body["errors"]![0]!, "pointer"), Is.EqualTo(pointer));
    }

    [Test]
    public async Task One_replay_at_a_time_and_one_that_is_under_way_can_be_ended()
    {
        // One frame a second: it is under way for as long as the test wants.
        await using var house = await ReplayHouse.StartAsync(ReplayHouse.Broken, "replay.frames_per_second=1");
        for (byte i = 0; i < 60; i++)
        {
            await house.SendAsync("cellar", i);
        }

        await house.ChangeScriptAsync(ReplayHouse.Mended);
        var (_, run) = await house.BeginAsync(new { });
        var id = Text(run, "id");
        var (conflict, problem) = await house.BeginAsync(new { });
        using var cancelled = await house.Gateway.Http.DeleteAsync($"/api/v1/replays/{id}");
        var ended = await house.EndOfAsync(id);
        using var late = await house.Gateway.Http.DeleteAsync($"/api/v1/replays/{id}");
        using var unknown = await house.Gateway.Http.GetAsync(new Uri("/api/v1/replays/nobody", UriKind.Relative));

        Assert.That((conflict, cancelled.StatusCode, late.StatusCode, unknown.StatusCode), Is.EqualTo((HttpStatusCode.Conflict, HttpStatusCode.Accepted, HttpStatusCode.Conflict, HttpStatusCode.NotFound)));
        Assert.That(Text(problem, "detail"), Does.Contain(id));
        Assert.That(Text(ended, "state"), Is.EqualTo("cancelled"));
        Assert.That(Number(ended, "parsed"), Is.LessThan(60));
        Assert.That((await house.GetAsync("/api/v1/replays")).AsArray(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_script_that_must_be_stopped_is_counted_and_soon_not_called_again_and_live_frames_go_on()
    {
        const string Hostile = """
            List<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config) { if (payload[0] > 0) while (true) { } return [new Reading("T") { Values = [payload[0]] }]; }
            byte[]? format_command(Command command, DeviceConfig config) => null;
            """;
        // Short, but not so short that a busy machine stops the vectors of the scripts that come with the gateway.
        await using var house = await ReplayHouse.StartAsync(ReplayHouse.Broken, "scripts.time_limit_milliseconds=20");
        for (byte i = 0; i < 15; i++)
        {
            await house.SendAsync("cellar", 1);
        }

        await house.ChangeScriptAsync(Hostile);
        var status = await house.ReplayAsync(new { });
        var live = await house.SendAsync("cellar", 0);
        var readings = await house.Gateway.ReadingsAsync(1);

        Assert.That((Text(status, "state"), Number(status, "failed"), Number(status, "parsed")), Is.EqualTo(("completed", 15, 0)));
        Assert.That(house.Gateway.Journal.Read(15, 100).Count(record => record.Kind is JournalRecordKind.Reread), Is.EqualTo(10), "then the version is not called any more");
        Assert.That((live, readings[0]["values"]!.ToJsonString()), Is.EqualTo(("2.01", "[0]")), "no breaker has opened for the live device");
    }

    [Test]
    public async Task Live_frames_keep_their_order_while_a_replay_runs()
    {
        await using var house = await ReplayHouse.StartAsync(ReplayHouse.Broken);
        for (byte i = 0; i < 100; i++)
        {
            await house.SendAsync("cellar", i);
        }

        await house.ChangeScriptAsync(ReplayHouse.Mended);
        var (_, run) = await house.BeginAsync(new { });
        for (byte i = 100; i < 200; i++)
        {
            Assert.That(await house.SendAsync("cellar", i), Is.EqualTo("2.01"));
        }

        var status = await house.EndOfAsync(Text(run, "id"));
        var readings = await house.Gateway.ReadingsAsync(200);

        Assert.That(Number(status, "parsed"), Is.EqualTo(100));
        Assert.That(Values(readings.Where(reading => reading["revision"] is null)), Is.EqualTo(Enumerable.Range(100, 100)), "live ones");
        Assert.That(Values(readings.Where(reading => reading["revision"] is not null)), Is.EqualTo(Enumerable.Range(0, 100)), "those of before");

        static IEnumerable<int> Values(IEnumerable<JsonNode> readings) => readings.Select(reading => reading["values"]![0]!.GetValue<int>());
    }

    [Test]
    public async Task More_frames_that_were_read_again_than_are_remembered_only_take_more_looks()
    {
        await using var house = await ReplayHouse.StartAsync(ReplayHouse.Broken);
        for (byte i = 0; i < 12; i++)
        {
            await house.SendAsync("cellar", i);
        }

        await house.ChangeScriptAsync(ReplayHouse.Mended);
        await house.ReplayAsync(new { since_sequence = 4 });
        using var run = new ReplayRun("x", new ReplayRequest(), DateTimeOffset.UnixEpoch);
        var journal = house.Gateway.Journal;
        var walk = new ReplayWalk(
            journal, house.Gateway.Services.GetRequiredService<FrameReplay>(), new ReplayPace(() => new ReplaySettings { FramesPerSecond = 0 }, journal, TimeProvider.System),
            new RereadBatch(journal, TimeProvider.System, run), run, remembered: 2);
        await walk.RunAsync(CancellationToken.None);

        Assert.That((run.Progress.Counts.Skipped, run.Progress.Counts.Parsed), Is.EqualTo((9, 3)));
        Assert.That(run.Progress.Read, Is.EqualTo(run.Progress.Total));
        Assert.That(journal.Read(0, 100).Where(record => record.Kind is JournalRecordKind.Reread).Select(record => record.About).Order(), Is.EqualTo(Enumerable.Range(1, 12)));
    }

    [Test]
    public async Task Dead_letters_are_listed_a_page_at_a_time_with_what_became_of_them()
    {
        await using var house = await ReplayHouse.StartAsync(ReplayHouse.Broken);
        await house.SendAsync("cellar", 1, 0xAB);
        await house.SendAsync("attic", 2);
        await house.SendAsync("cellar", 3);
        await house.ChangeScriptAsync(ReplayHouse.Mended);
        await house.ReplayAsync(new { device = "attic" });
        await house.SendAsync("cellar", 4);

        var first = await house.GetAsync("/api/v1/dead-letters?limit=2");
        var second = await house.GetAsync($"/api/v1/dead-letters?limit=2&after={first["next"]}");
        var ofCellar = await house.GetAsync("/api/v1/dead-letters?device=cellar&reason=script_failed&profile=json");
        using var refused = await house.Gateway.Http.GetAsync(new Uri("/api/v1/dead-letters?reason=parsed", UriKind.Relative));

        var letter = first["items"]![0]!;
        Assert.That((Number(letter, "sequence"), Text(letter, "device_id"), Text(letter, "reason"), Text(letter, "payload"), Text(letter, "path")), Is.EqualTo((1, "cellar", "script_failed", "01ab", "/devices/cellar/data")));
        Assert.That(Text(letter, "error"), Does.Contain("a bug"));
        Assert.That(first["items"]!.AsArray().Select(item => (Number(item!, "revision"), item!["read_since"]!.GetValue<bool>())), Is.EqualTo([(0, false), (1, true)]));
        Assert.That(second["items"]!.AsArray().Select(item => Number(item!, "sequence")), Is.EqualTo([3]));
        Assert.That(second["next"], Is.Null);
        Assert.That(ofCellar["items"]!.AsArray().Select(item => Number(item!, "sequence")), Is.EqualTo([1, 3]));
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    private static int Number(JsonNode status, string name) => status[name]!.GetValue<int>();

    private static string Text(JsonNode status, string name) => status[name]!.GetValue<string>();
}
