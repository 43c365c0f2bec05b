using Gateway.Scripting;
using Gateway.Tests.Support;

namespace Gateway.Tests.Scripting;

/// <summary>What comes of a version's failures on real frames, and how a candidate is tried on them.</summary>
internal sealed class LiveParserTests
{
    // Fails as the payload's first byte says.
    private const string Moody = """
        Reading[] parse(byte[] payload, DeviceConfig config) => payload[0] switch
        {
            1 => throw new InvalidPayloadException("no"),
            2 => throw new InvalidOperationException("no"),
            3 => Endless(),
            _ => [new("A", VERSION)],
        };
        static Reading[] Endless() { while (true) { } }

        """ + Scripts.NoCommands;

    private const byte Good = 0, Invalid = 1, Fault = 2, Loop = 3;

    private CatalogFixture _house = null!;
    private RecordedLog<ShadowRunner> _log = null!;
    private ShadowRunner _shadow = null!;
    private LiveParser _parser = null!;

    [SetUp]
    public async Task SetUpAsync()
    {
        _house = new CatalogFixture();
        _house.Settings = _house.Settings with { TimeLimitMilliseconds = 5 };
        await _house.ReopenAsync();
        _log = new RecordedLog<ShadowRunner>();
        _shadow = new ShadowRunner(_house.Time, _log);
        _parser = new LiveParser(_house.Catalog, _shadow, _house.Metrics, _house.Time, _house.Settings);
    }

    [TearDown]
    public void TearDown()
    {
        _shadow.Dispose();
        _log.Dispose();
        _house.Dispose();
    }

    [Test]
    public async Task A_device_whose_frames_stop_the_script_is_kept_from_it_for_a_while()
    {
        var script = await SwapAsync("1");
        for (var i = 0; i < DeviceBreakers.Stops; i++)
        {
            Assert.That(Parse(script, Loop, "a")?.Message, Does.StartWith("the script was stopped: it exceeded its time limit"));
        }

        Assert.That(
            Parse(script, Good, "a")?.Message,
            Is.EqualTo("the script was stopped on each of this device's last 5 frames, and is not called for it until 2025-03-01T12:01:00Z (scripts/x.csx)"));
        Assert.That(Parse(script, Good, "b"), Is.Null, "the others are served");

        _house.Time.Advance(DeviceBreakers.Pause);
        Assert.That(Parse(script, Good, "a"), Is.Null);
    }

    [Test]
    public async Task What_a_script_fails_on_or_calls_invalid_keeps_no_device_from_it()
    {
        var script = await SwapAsync("1");
        for (var i = 0; i < 100; i++)
        {
            Parse(script, i % 2 == 0 ? Fault : Invalid, "a");
        }

        Assert.That(Parse(script, Good, "a"), Is.Null);
    }

    [Test]
    public async Task A_version_that_must_be_stopped_on_every_frame_is_taken_back()
    {
        var script = await SwapAsync("1", "2");
        for (var i = 0; i < RollbackRule.Stops; i++)
        {
            Parse(script, Loop, $"d{i}");
        }

        await Eventually.HoldsAsync(
            () => _house.Log.Lines.Any(line => line.Contains("is taken back, because it had to be stopped on each of the last 10 frames; version", StringComparison.Ordinal)),
            "the version is taken back");
        Assert.That(Version(script), Is.EqualTo(1));
        Assert.That(script.Problems[0].Message, Does.Contain("is not live: it had to be stopped on each of the last 10 frames"));
    }

    [Test]
    public async Task A_version_without_a_predecessor_stays_and_is_told_of_once()
    {
        var script = await SwapAsync("1");
        for (var i = 0; i < 2 * RollbackRule.Stops; i++)
        {
            Parse(script, Loop, $"d{i}");
        }

        await Eventually.HoldsAsync(() => _house.Log.Lines.Any(line => line.Contains("there is no earlier version", StringComparison.Ordinal)), "the log tells");
        await _house.RefreshAsync("x.csx");
        Assert.That(_house.Log.Lines.Count(line => line.Contains("taken back", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(Version(script), Is.EqualTo(1));
    }

    [TestCase(Fault)]
    [TestCase(Invalid)]
    public async Task A_version_on_which_far_more_frames_fail_than_before_is_taken_back(byte failure)
    {
        var script = await SwapAsync("1");
        Feed(script, Good, 15);
        Feed(script, Invalid, 5);
        await SwapAsync("2");
        Feed(script, Good, 4);
        Feed(script, failure, 15);
        await _house.RefreshAsync("x.csx");
        Assert.That(Version(script), Is.EqualTo(2), "after 19 frames nothing is said yet");

        Feed(script, failure, 1);

        await Eventually.HoldsAsync(() => script.Problems.Count == 1, "the version is taken back");
        Assert.That(script.Problems[0].Message, Does.Contain("is not live: 80 % of its first 20 frames failed, and 25 % of those before"));
        Assert.That(Version(script), Is.EqualTo(1));
    }

    [Test]
    public async Task Frames_that_were_invalid_before_take_no_version_back()
    {
        var script = await SwapAsync("1");
        Feed(script, Good, 5);
        Feed(script, Invalid, 15);
        await SwapAsync("2");
        Feed(script, Invalid, 40);
        await SwapAsync("3");
        Feed(script, Invalid, 10);
        await _house.RefreshAsync("x.csx");

        Assert.That(Version(script), Is.EqualTo(3));
    }

    [Test]
    public async Task A_version_is_not_taken_back_where_the_admin_does_not_want_it()
    {
        var parser = new LiveParser(_house.Catalog, _shadow, _house.Metrics, _house.Time, _house.Settings with { AutomaticRollback = false });
        var script = await SwapAsync("1", "2");
        for (var i = 0; i < 50; i++)
        {
            parser.Parse(script, script.State, new[] { Fault }, Scripts.Config, Scripts.Request);
        }

        await _house.RefreshAsync("x.csx");
        Assert.That(Version(script), Is.EqualTo(2));
    }

    [Test]
    public async Task A_candidate_reads_the_same_frames_and_is_compared()
    {
        await _shadow.StartAsync(CancellationToken.None);
        _house.Write("x.csx.next", Moody.Replace("VERSION", "payload[0] == 9 ? 2 : 1", StringComparison.Ordinal).Replace("2 => throw new InvalidOperationException(\"no\")", "2 => [new(\"A\", 5)]", StringComparison.Ordinal)
            .Replace("_ =>", "8 => throw new InvalidOperationException(\"eight\"),\n    _ =>", StringComparison.Ordinal));
        var script = await SwapAsync("1");

        foreach (var frame in new byte[] { 0, 0, 1, 2, 8, 9 })
        {
            Parse(script, frame, "a");
        }

        var tally = script.State.Candidate!.Tally;
        await Eventually.HoldsAsync(() => tally.Report().Frames == 6, "six frames are compared");
        var report = tally.Report();
        Assert.That((report.Agree, report.Mend, report.Fail, report.Differ, report.Missed), Is.EqualTo((3, 1, 1, 1, 0)));
        Assert.That(report.Examples.Select(example => $"{example.DeviceId} {example.Payload}: {example.Live} | {example.Candidate}"), Is.EqualTo(
        [
            "a 02: InvalidOperationException: no (scripts/x.csx:4) | {\"index\":\"A\",\"values\":[5],\"label\":[],\"metadata\":{}}",
            "a 08: {\"index\":\"A\",\"values\":[1],\"label\":[],\"metadata\":{}} | InvalidOperationException: eight (scripts/x.csx.next:6)",
            "a 09: {\"index\":\"A\",\"values\":[1],\"label\":[],\"metadata\":{}} | {\"index\":\"A\",\"values\":[2],\"label\":[],\"metadata\":{}}",
        ]));
        Assert.That(_log.Lines, Is.Empty);
    }

    [Test]
    public async Task A_candidate_that_can_not_keep_up_misses_frames_and_holds_nobody_up()
    {
        _house.Write("x.csx.next", CatalogFixture.Giving(2));
        var script = await SwapAsync("1");
        Feed(script, Good, 2000);

        Assert.That(script.State.Candidate!.Tally.Report().Missed, Is.EqualTo(2000 - 1024));
    }

    [Test]
    public async Task A_candidate_that_is_promoted_takes_the_place_of_the_file()
    {
        var script = await SwapAsync("1");
        _house.Write("x.csx.next", CatalogFixture.Giving(2));
        _house.Write("x.vectors.json.next", """[{ "name": "two", "payload": "00", "expect": [{ "values": [2] }] }]""");

        Assert.That(await _house.Catalog.PromoteAsync("x.csx", CancellationToken.None), Is.Null);

        Assert.That((Version(script), script.Problems.Count, script.State.Candidate), Is.EqualTo((2, 0, (ScriptCandidate?)null)));
        Assert.That(File.ReadAllText(_house.FileOf("x.csx")), Is.EqualTo(CatalogFixture.Giving(2)));
        Assert.That(Directory.GetFiles(_house.Folder.Path).Select(Path.GetFileName), Is.EquivalentTo(["x.csx", "x.vectors.json"]));
        Assert.That(await _house.Catalog.PromoteAsync("x.csx", CancellationToken.None), Is.EqualTo("there is no candidate"));
    }

    [TestCase("int a = ;", "scripts/x.csx.next(1,9): error CS1525: Invalid expression term ';'")]
    [TestCase(null, "scripts/x.vectors.json(1,2): error GW0021: the script fails the vector \"one\": reading 1: values: expected [1], got [2]")]
    public async Task A_candidate_that_is_no_good_is_not_tried_and_not_promoted(string? source, string problem)
    {
        _house.Write("x.vectors.json", """[{ "name": "one", "payload": "00", "expect": [{ "values": [1] }] }]""");
        var script = await SwapAsync("1");
        _house.Write("x.csx.next", source ?? CatalogFixture.Giving(2));

        Assert.That(await _house.Catalog.PromoteAsync("x.csx", CancellationToken.None), Is.EqualTo($"the candidate is no good: {problem}"));
        Assert.That(script.State.Candidate!.Problems.Select(found => found.ToString()), Is.EqualTo([problem]));
        Assert.That((Version(script), script.Problems.Count), Is.EqualTo((1, 0)), "the live one is none the worse");
    }

    private async Task<CatalogScript> SwapAsync(params string[] versions)
    {
        CatalogScript? script = null;
        foreach (var version in versions)
        {
            _house.Write("x.csx", Moody.Replace("VERSION", version, StringComparison.Ordinal));
            script = await _house.RefreshAsync("x.csx");
            Assert.That(script.Problems, Is.Empty);

            // The first calls have longer limits.
            for (var i = 0; i < 4; i++)
            {
                script.Current!.Parse(Good);
            }
        }

        return script!;
    }

    private void Feed(CatalogScript script, byte frame, int times)
    {
        for (var i = 0; i < times; i++)
        {
            Parse(script, frame, $"d{i}");
        }
    }

    private ScriptFailure? Parse(CatalogScript script, byte frame, string device) =>
        _parser.Parse(script, script.State, new[] { frame }, Scripts.Config with { DeviceId = device }, Scripts.Request).Failure;

    private static long Version(CatalogScript script) => script.Current!.Parse(Good).Value[0].Values[0].AsInt64();
}
