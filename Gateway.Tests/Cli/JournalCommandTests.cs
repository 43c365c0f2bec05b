using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Cli;
using Gateway.Journal;
using Gateway.Tests.Journal;
using Gateway.Tests.Support;

namespace Gateway.Tests.Cli;

/// <summary>The journal on the command line.</summary>
internal sealed class JournalCommandTests
{
    private JournalInAFolder _folder = null!;

    [SetUp]
    public async Task MakeJournal()
    {
        _folder = new JournalInAFolder { ExpectedComplaints = [RecordsDamaged] };
        await _folder.OpenAsync();
        await _folder.AppendAsync("r1");
        await _folder.AppendAsync(
            JournalInAFolder.Record("r2") with { DeviceId = "cellar", Outcome = FrameOutcome.ScriptFailed, Error = "a\nbug", Readings = default, ReadingCount = 0 },
            JournalInAFolder.Step("c1", CommandStepState.Queued),
            JournalInAFolder.Failure("sink/x", "413"));
        _folder.Journal.Advance("sink/x", 2);
        await _folder.AppendAsync("r5");
    }

    [TearDown]
    public async Task DeleteJournal() => await _folder.DisposeAsync();

    private const int RecordsDamaged = 1404;

    [Test]
    public async Task Verify_says_what_is_there_while_the_gateway_runs()
    {
        var (code, output, error) = await RunAsync("verify", _folder.Path);

        Assert.That((code, error), Is.EqualTo((0, "")));
        Assert.That(output, Does.StartWith($"{_folder.Path}: records 1 to 5\n  uplink   3 records, "));
        Assert.That(output, Does.Contain("  command  1 records, ").And.Contain("  failure  1 records, ").And.Contain("  sink/x has had up to 2, 3 behind\n").And.EndWith("all is well\n"));
    }

    [Test]
    public async Task Verify_finds_the_journal_by_the_configuration_and_leaves_a_closed_one_as_it_is()
    {
        await _folder.Journal.StopAsync(CancellationToken.None);
        var before = await File.ReadAllBytesAsync(_folder.Path);
        var configuration = Path.Combine(Path.GetDirectoryName(_folder.Path)!, "gateway.json");
        await File.WriteAllTextAsync(configuration, """{"journal": {"path": "journal.db"}, "profiles": {}, "routes": []}""");

        var (code, output, error) = await RunAsync("verify", "--config", configuration);

        var exported = await RunAsync("export", "--config", configuration);
        var shown = await RunAsync("tail", "--config", configuration);

        Assert.That((code, error), Is.EqualTo((0, "")), output);
        Assert.That((exported.Code, shown.Code, shown.Output.Count(character => character is '\n')), Is.EqualTo((0, 0, 5)));
        Assert.That(await File.ReadAllBytesAsync(_folder.Path), Is.EqualTo(before));
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(_folder.Path)!), Is.EquivalentTo(new[] { _folder.Path, configuration }), "nothing is left that the gateway might not be allowed to use");
    }

    [TestCase("UPDATE groups SET body = substr(body, 1, 30) || x'FFFE' || substr(body, 33) WHERE first_sequence = 1", "records 1 to 1 can't be read (Checksum)")]
    [TestCase("UPDATE groups SET body = substr(body, 1, length(body) - 9) WHERE first_sequence = 2", "records 4 to 4 are cut off")]
    [TestCase("DELETE FROM groups WHERE first_sequence = 2", "records 2 to 4 are missing")]
    [TestCase("UPDATE groups SET count = 4 WHERE first_sequence = 2", "are there twice")]
    public async Task Verify_tells_of_all_that_is_wrong(string damage, string expected)
    {
        _folder.Run(damage);

        var (code, output, error) = await RunAsync("verify", _folder.Path);

        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain(expected));
        Assert.That(output, Does.Contain("not all is well").And.Contain("docs/journal.md"));
    }

    [Test]
    public async Task What_retention_has_taken_is_not_missing()
    {
        await using var folder = new JournalInAFolder { Settings = new() { KeepDays = 1 } };
        await folder.OpenAsync();
        await folder.AppendAsync(JournalInAFolder.Step("c1", CommandStepState.Queued));
        await folder.AppendAsync("r2");
        await folder.AppendAsync(JournalInAFolder.Record("r3"), JournalInAFolder.Step("c1", CommandStepState.Sent));
        await folder.AppendAsync("r5");
        folder.Time.Advance(TimeSpan.FromDays(2));
        await Eventually.HoldsAsync(() => folder.Journal.Read(0, 10).Count == 3, "the old frames are gone");

        var (code, output, error) = await RunAsync("verify", folder.Path);

        Assert.That((code, error), Is.EqualTo((0, "")));
        Assert.That(output, Does.Contain("records 1 to 5\n").And.Contain("1 records among them are no longer kept"));
    }

    [Test]
    public async Task Tail_shows_the_last_ones_a_line_for_each()
    {
        var (code, output, _) = await RunAsync("tail", _folder.Path, "-n", "4");

        Assert.That(code, Is.Zero);
        Assert.That(output.Trim().Split('\n'), Is.EqualTo(new[]
        {
            "2 2026-01-02T03:04:05.000Z uplink cellar POST /m 3 bytes, script_failed, 0 readings: a bug",
            "3 2026-01-02T03:04:06.000Z command 282C024FFFB3 c1 set queued, attempt 0",
            "4 2026-01-02T03:04:07.000Z failure - sink/x gave up a message: 413",
            "5 2026-01-02T03:04:05.000Z uplink 282C024FFFB3 POST /m 3 bytes, parsed, 1 readings",
        }));
    }

    [Test]
    public async Task What_a_device_has_sent_does_not_steer_the_terminal()
    {
        await _folder.AppendAsync(JournalInAFolder.Record("odd") with { Path = "/\u001b[2J\r" });

        var (_, output, _) = await RunAsync("tail", _folder.Path, "-n", "1");

        Assert.That(output, Does.Contain("POST /\uFFFD[2J\uFFFD 3 bytes").And.EndWith("\n"));
    }

    [TestCase("2", "--device", "CELLAR")]
    [TestCase("3", "--kind", "command")]
    [TestCase("4,5", "-n", "2")]
    [TestCase("5", "--kind", "uplink", "-n", "1")]
    [TestCase("", "--device", "nobody")]
    public async Task Records_are_chosen(string expected, params string[] options)
    {
        var (code, output, _) = await RunAsync(["tail", _folder.Path, .. options]);

        Assert.That(code, Is.Zero);
        Assert.That(output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]), Is.EqualTo(expected.Split(',', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Test]
    public async Task Records_are_chosen_by_when_they_were_committed()
    {
        var committed = _folder.Time.GetUtcNow();
        for (var i = 0; i < 40; i++)
        {
            _folder.Time.Advance(TimeSpan.FromHours(1));
            await _folder.AppendAsync($"later{i}");
        }

        foreach (var hours in new[] { -1, 0, 1, 7, 39, 40, 41 })
        {
            var since = committed.AddHours(hours).ToString("O", CultureInfo.InvariantCulture);
            var (_, output, error) = await RunAsync("export", _folder.Path, "--since", since);
            var expected = hours <= 0 ? 1 : hours + 5;

            Assert.That(output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, Is.EqualTo(45 - expected + 1), error);
        }
    }

    [TestCase("90s", 90)]
    [TestCase("15m", 900)]
    [TestCase("1.5h", 5400)]
    [TestCase("7d", 604_800)]
    public void How_long_ago_is_understood(string text, double seconds)
    {
        var now = new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);

        Assert.That(JournalFilter.SinceOf(text, now), Is.EqualTo(now.AddSeconds(-seconds)));
    }

    [Test]
    public async Task Tail_goes_on_with_what_comes()
    {
        using var enough = new CancellationTokenSource();
        var (output, error) = (new Lines(), new StringWriter(CultureInfo.InvariantCulture));
        var following = CommandLine.RunAsync(
            ["journal", "tail", _folder.Path, "--follow", "-n", "0", "--kind", "uplink"],
            new InvocationConfiguration { Output = output, Error = error }, enough.Token);

        await Eventually.HoldsAsync(
            () =>
            {
                _folder.AppendAsync("new").GetAwaiter().GetResult();
                return output.Count > 1;
            },
            "new records are shown");
        await enough.CancelAsync();

        Assert.That(await following.WaitAsync(Eventually.Limit), Is.Zero);
        Assert.That(error.ToString(), Is.Empty);
    }

    [Test]
    public async Task Export_writes_all_that_there_is_to_know()
    {
        var (code, output, error) = await RunAsync("export", _folder.Path);
        var lines = output.Trim().Split('\n').Select(line => JsonNode.Parse(line)!).ToArray();

        Assert.That((code, error.Trim(), lines.Length), Is.EqualTo((0, "records: 5, damaged: 0", 5)));
        Assert.That(lines[0].ToJsonString(), Is.EqualTo(JsonNode.Parse(
            """
            {"sequence":1,"kind":"uplink","received_at":"2026-01-02T03:04:05+00:00","device_id":"282C024FFFB3","request_id":"r1","profile":"efento",
             "method":"POST","path":"/m","peer":"192.0.2.1:5683","confirmable":true,"outcome":"parsed","payload":"010203",
             "script":"efento.csx","script_version":"1","readings":[{"request_id":"r1","n":1}]}
            """)!.ToJsonString()));
        Assert.That(lines[2]["command"]!.ToJsonString(), Is.EqualTo("""{"command_id":"c1","command_type":"set","state":"queued","body":"00000000000000000000"}"""));
        Assert.That((lines[3]["source"]!.GetValue<string>(), lines[3]["payload"]!.GetValue<string>()), Is.EqualTo(("sink/x", "09")));
    }

    [Test]
    public async Task A_reading_that_is_no_JSON_spoils_no_line()
    {
        await _folder.AppendAsync(JournalInAFolder.Record("odd") with { Readings = "{\"a\":1}\n{\n1 2\n\n"u8.ToArray() });

        var (_, output, _) = await RunAsync("export", _folder.Path);

        Assert.That(JsonNode.Parse(output.Trim().Split('\n')[5])!["readings"]!.ToJsonString(), Is.EqualTo("""[{"a":1},"{","1 2",""]"""));
    }

    [Test]
    public async Task Export_leaves_out_what_is_damaged_and_says_so()
    {
        _folder.Run("UPDATE groups SET body = substr(body, 1, 30) || x'FFFE' || substr(body, 33) WHERE first_sequence = 1");
        var file = Path.Combine(Path.GetDirectoryName(_folder.Path)!, "out.ndjson");

        var (code, output, error) = await RunAsync("export", _folder.Path, "--output", file);
        var again = await RunAsync("export", _folder.Path, "--output", file);

        Assert.That((code, output), Is.EqualTo((1, "")));
        Assert.That(error, Does.Contain("records 1 to 1 are damaged (Checksum) and are left out").And.Contain("records: 4, damaged: 1"));
        Assert.That(await File.ReadAllLinesAsync(file), Has.Length.EqualTo(4));
        Assert.That((again.Code, again.Error), Is.EqualTo((1, again.Error)), "what is there already is not overwritten");
        Assert.That(again.Error, Does.Contain("out.ndjson"));
    }

    [TestCase(1, "there is no journal", "verify", "no-such-file.db")]
    [TestCase(1, "no-such-folder", "export", "JOURNAL", "--output", "no-such-folder/x")]
    [TestCase(2, "--since", "tail", "JOURNAL", "--since", "yesterday")]
    [TestCase(2, "--lines", "tail", "JOURNAL", "-n", "-1")]
    [TestCase(2, "'frame'", "tail", "JOURNAL", "--kind", "frame")]
    public async Task What_can_not_be_done_is_told(int expected, string hint, params string[] arguments)
    {
        var (code, output, error) = await RunAsync([.. arguments.Select(argument => argument is "JOURNAL" ? _folder.Path : argument)]);

        Assert.That((code, output.StartsWith('{')), Is.EqualTo((expected, false)), output);
        Assert.That(error, Does.Contain(hint));
    }

    [TestCase("not a database at all", "is not a database")]
    [TestCase("", "no journal")]
    public async Task A_file_that_is_no_journal_is_told(string content, string hint)
    {
        var file = Path.Combine(Path.GetDirectoryName(_folder.Path)!, "other.db");
        await File.WriteAllTextAsync(file, content);

        var (code, _, error) = await RunAsync("verify", file);

        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain(hint).And.Contain("other.db"));
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using StringWriter output = new(CultureInfo.InvariantCulture), error = new(CultureInfo.InvariantCulture);
        var code = await CommandLine.RunAsync(["journal", .. arguments], new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString().ReplaceLineEndings("\n"), error.ToString().ReplaceLineEndings("\n"));
    }

    /// <summary>An output that is read while it is written to.</summary>
    private sealed class Lines : TextWriter
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            if (value == '\n')
            {
                Interlocked.Increment(ref _count);
            }
        }
    }
}
