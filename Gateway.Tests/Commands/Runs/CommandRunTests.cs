using System.Text;
using System.Text.Json.Nodes;
using Gateway.Commands;
using Gateway.Devices;

namespace Gateway.Tests.Commands.Runs;

/// <summary>A command for many devices: with the real journal, the real store and real scripts; only the clock is the test's.</summary>
internal sealed class CommandRunTests
{
    private CommandsUnderTest _gateway = null!;

    [SetUp]
    public async Task StartAsync() => _gateway = await CommandsUnderTest.StartAsync(CommandsUnderTest.Script);

    [TearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [Test]
    public async Task It_queues_its_command_for_each_device_at_its_rate_and_ends_when_all_have_ended()
    {
        await AddDevicesAsync(25);
        await _gateway.AddDeviceAsync("other");
        await BeginAsync("""{"run_id": "r", "profile": "trusts", "command": {"command_type": "say", "payload": {"text": "x"}}, "commands_per_second": 10}""");

        await StepAsync(TimeSpan.Zero);
        Assert.That((Run().Total, Counts().Total), Is.EqualTo((25, 0)), "counted first");
        await StepAsync(TimeSpan.Zero);
        Assert.That(Counts().Total, Is.EqualTo(1));
        await StepAsync(TimeSpan.FromSeconds(0.5));
        Assert.That(Counts().Total, Is.EqualTo(6));
        await StepAsync(TimeSpan.FromSeconds(60));
        Assert.That(Counts().Total, Is.EqualTo(16), "a second's worth, however long it slept");
        await StepAsync(TimeSpan.FromSeconds(1));
        Assert.That((Counts()[CommandState.Queued], Run().IsThrough), Is.EqualTo((25, true)));
        Assert.That(_gateway.Index.HasAny(DeviceId.Parse("other")), Is.False);

        for (var i = 0; i < 25; i++)
        {
            Assert.That(await _gateway.SpeakAsync($"d{i:00}"), Is.EqualTo($"r:d{i:00}:x"));
        }

        await StepAsync(TimeSpan.Zero);

        Assert.That((Counts()[CommandState.Delivered], Counts().Active, Run().State, Run().EndedAt), Is.EqualTo((25, 0, RunState.Completed, (DateTimeOffset?)_gateway.Time.GetUtcNow())));
    }

    [Test]
    public async Task Whose_devices_it_is_for_says_the_profile_or_the_label()
    {
        await AddDevicesAsync(3);
        foreach (var (id, labels) in new[] { ("x", new[] { "hall", "wet" }), ("y", ["wet"]), ("d01", ["wet"]) })
        {
            await _gateway.Directory.EditAsync(
                DeviceId.Parse(id),
                (known, now) => (known ?? new Device { Id = DeviceId.Parse(id), ParserScriptRef = CommandsUnderTest.ScriptRef, CreatedAt = now, UpdatedAt = now }) with { Labels = labels },
                CancellationToken.None);
        }

        await BeginAsync("""{"run_id": "wet", "label": "wet", "command": {"command_type": "say", "payload": {"text": "x"}}, "commands_per_second": 1000}""");
        await BeginAsync("""{"run_id": "both", "label": "wet", "profile": "trusts", "command": {"command_type": "say", "payload": {"text": "x"}}, "commands_per_second": 1000}""");
        await RunThroughAsync();
        await _gateway.AddDeviceAsync("late", "trusts");
        await RunThroughAsync();

        Assert.That(Queued("wet"), Is.EquivalentTo(new[] { "wet:d01", "wet:x", "wet:y" }));
        Assert.That(Queued("both"), Is.EqualTo(new[] { "both:d01" }));

        string[] Queued(string run) => [.. _gateway.Index.WaitingOf(run).Select(command => command.RequestId)];
    }

    [TestCase(true, TestName = "After_a_crash_it_goes_on_and_no_device_has_its_command_twice(the store knows all)")]
    [TestCase(false, TestName = "After_a_crash_it_goes_on_and_no_device_has_its_command_twice(the store knows nothing of the commands)")]
    public async Task After_a_crash_it_goes_on_and_no_device_has_its_command_twice(bool storeFollows)
    {
        await _gateway.DisposeAsync();
        _gateway = await CommandsUnderTest.StartAsync(CommandsUnderTest.Script, storeFollows);
        await AddDevicesAsync(30);
        await BeginAsync("""{"run_id": "r", "profile": "trusts", "command": {"command_type": "say", "payload": {"text": "x"}}, "commands_per_second": 10}""");
        await StepAsync(TimeSpan.Zero);
        await StepAsync(TimeSpan.FromSeconds(1));
        var before = Run();
        await StepAsync(TimeSpan.FromSeconds(1));
        await _gateway.SpeakAsync("d00");
        await _gateway.SpeakAsync("d05");
        var counts = Counts();

        // The run's own place is that of a moment before its last commands were queued.
        await _gateway.RestartAsync(between: null);
        await _gateway.Runs.ChangeAsync("r", now => now with { After = before.After, IsThrough = false, Taken = before.Taken }, CancellationToken.None);
        Assert.That(Counts(), Is.EqualTo(counts));
        await RunThroughAsync();

        Assert.That((Counts().Total, Run().Taken, Run().Refused), Is.EqualTo((30, 30, 0)));
        Assert.That(Counts()[CommandState.Delivered], Is.EqualTo(2));
        for (var i = 0; i < 30; i++)
        {
            Assert.That(await _gateway.SpeakAsync($"d{i:00}"), i is 0 or 5 ? Is.Null : Is.EqualTo($"r:d{i:00}:x"));
            Assert.That(await _gateway.SpeakAsync($"d{i:00}"), Is.Null, "once is enough");
        }

        await _gateway.RestartAsync();
        await StepAsync(TimeSpan.Zero);

        Assert.That((Counts()[CommandState.Delivered], Run().State), Is.EqualTo((30, RunState.Completed)));
    }

    [Test]
    public async Task It_halts_when_too_many_fail_and_keeps_back_what_waits_until_it_is_resumed()
    {
        await AddDevicesAsync(30);
        await BeginAsync("""
            {"run_id": "r", "profile": "trusts", "command": {"command_type": "fail_when_sent"}, "commands_per_second": 10000, "max_failure_ratio": 0.2, "min_judged": 5}
            """);
        await RunThroughAsync();
        for (var i = 0; i < 4; i++)
        {
            await _gateway.SpeakAsync($"d{i:00}");
        }

        await StepAsync(TimeSpan.Zero);
        Assert.That(Run().State, Is.EqualTo(RunState.Running), "4 are too few to judge by");
        await _gateway.SpeakAsync("d04");
        await StepAsync(TimeSpan.Zero);

        Assert.That((Run().State, Run().Reason), Is.EqualTo((RunState.Halted, "5 of 5 commands have failed, and max_failure_ratio is 0.2")));
        Assert.That(await _gateway.SpeakAsync("d05"), Is.Null);
        Assert.That((_gateway.Verdict, await _gateway.StateOfAsync("r:d05")), Is.EqualTo((CommandVerdict.RunHeld, "queued 0")));
        await _gateway.RestartAsync();
        Assert.That(await _gateway.SpeakAsync("d05"), Is.Null, "after a restart too");
        Assert.That((await _gateway.Outlooks.OfAsync((await _gateway.Consumer.FindAsync("r:d05", CancellationToken.None))!, CancellationToken.None))!.Because, Has.Some.EqualTo("its run r is halted, and its commands are kept back"));

        while (_gateway.PushQueue.TryTake(out _))
        {
            Assert.That(_gateway.Runs.Find("r")!.State, Is.EqualTo(RunState.Halted));
        }

        await _gateway.Runs.ResumeAsync("r", CancellationToken.None);
        Assert.That(_gateway.PushQueue.TryTake(out _), "devices that are pushed to are looked after again");
        await _gateway.SpeakAsync("d05");
        await StepAsync(TimeSpan.Zero);

        Assert.That((Run().State, (await _gateway.StateOfAsync("r:d05"))[..8]), Is.EqualTo((RunState.Running, "failed 0")), "what has failed before is forgiven");
    }

    [Test]
    public async Task Commands_that_cannot_be_queued_count_as_failed()
    {
        _gateway.Log.Expect("missing.csx");
        await AddDevicesAsync(30);
        for (var i = 0; i < 30; i++)
        {
            var id = DeviceId.Parse($"d{i:00}");
            await _gateway.Directory.EditAsync(id, (known, _) => known! with { ParserScriptRef = "missing.csx" }, CancellationToken.None);
        }

        await BeginAsync("""{"run_id": "r", "profile": "trusts", "command": {"command_type": "say", "payload": {"text": "x"}, "parser_script_ref": "test.csx"}, "commands_per_second": 1000}""");
        await StepAsync(TimeSpan.Zero);
        await StepAsync(TimeSpan.Zero);
        await StepAsync(TimeSpan.FromSeconds(1));
        await StepAsync(TimeSpan.Zero);

        Assert.That((Run().State, Run().Refused, Run().Taken, Counts().Total), Is.EqualTo((RunState.Halted, 30, 0, 0)));
        Assert.That(Run().Refusals, Has.Length.EqualTo(CommandRun.MostRefusalsKept));
        Assert.That(Run().Refusals[0].Problem, Does.StartWith("script missing.csx has no working version"));
        await _gateway.RestartAsync();
        Assert.That(Run().Refusals[1].DeviceId, Is.EqualTo("d01"));
    }

    [Test]
    public async Task It_can_be_paused_resumed_and_called_off()
    {
        await AddDevicesAsync(10);
        await BeginAsync("""{"run_id": "r", "profile": "asks", "command": {"command_type": "say", "payload": {"text": "x"}}}""");
        await StepAsync(TimeSpan.Zero);
        Assert.That(Run().Total, Is.Zero);
        await StepAsync(TimeSpan.Zero);
        await StepAsync(TimeSpan.Zero);
        Assert.That(Run().State, Is.EqualTo(RunState.Completed), "nobody is meant");

        await BeginAsync("""{"run_id": "s", "profile": "trusts", "command": {"command_type": "say", "payload": {"text": "x"}, "confirm": "script"}, "commands_per_second": 5}""");
        await StepAsync(TimeSpan.Zero);
        await StepAsync(TimeSpan.FromSeconds(1));
        Assert.That(await _gateway.SpeakAsync("d00"), Is.EqualTo("s:d00:x"));
        await _gateway.Runs.PauseAsync("s", CancellationToken.None);
        await StepAsync(TimeSpan.FromSeconds(10));
        Assert.That((await _gateway.SpeakAsync("d01"), _gateway.Runs.Find("s")!.State, _gateway.Runs.Find("s")!.Taken), Is.EqualTo(((string?)null, RunState.Paused, 1)));
        await _gateway.Runs.ResumeAsync("s", CancellationToken.None);
        await StepAsync(TimeSpan.Zero);
        await StepAsync(TimeSpan.FromSeconds(1));
        Assert.That(await _gateway.SpeakAsync("d01"), Is.EqualTo("s:d01:x"));

        await _gateway.Runs.CancelAsync("s", CancellationToken.None);
        await StepAsync(TimeSpan.Zero);

        var counts = _gateway.Services<RunTallies>().Of("s");
        Assert.That((counts[CommandState.Queued], counts[CommandState.Sent], _gateway.Runs.Find("s")!.State), Is.EqualTo((0, 2, RunState.Cancelling)), "what was sent is waited for");
        Assert.That(counts[CommandState.Cancelled], Is.GreaterThan(2));
        await _gateway.SpeakAsync("d00", "ok s:d00");
        _gateway.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.That(await _gateway.SpeakAsync("d01"), Is.Null, "one without evidence is not sent again");
        await StepAsync(TimeSpan.Zero);
        await StepAsync(TimeSpan.Zero);

        Assert.That((_gateway.Runs.Find("s")!.State, await _gateway.StateOfAsync("s:d00"), (await _gateway.StateOfAsync("s:d01"))[..9]), Is.EqualTo((RunState.Cancelled, "applied 1", "cancelled")));
        Assert.That((await _gateway.Runs.ResumeAsync("s", CancellationToken.None))!.State, Is.EqualTo(RunState.Cancelled), "what has ended stays so");
    }

    [Test]
    public async Task A_run_that_cannot_be_is_refused_with_all_that_is_wrong()
    {
        var result = await _gateway.Runs.SubmitAsync(
            """{"run_id": "a b", "profile": "none", "label": "", "command": {"device_id": "x", "request_id": "y", "payload": 7}, "commands_per_second": 0, "max_failure_ratio": 2, "min_judged": 0}"""u8.ToArray(),
            CancellationToken.None);

        Assert.That(result.Outcome, Is.EqualTo(SubmitOutcome.Invalid));
        Assert.That(result.Problems.Select(problem => problem.Path), Is.EqualTo(new[]
        {
            "run_id", "profile", "label", "command.request_id", "command.device_id", "command.command_type", "command.payload", "commands_per_second", "max_failure_ratio", "min_judged",
        }));
        Assert.That((await _gateway.Runs.SubmitAsync("""{"command": {"command_type": "say"}}"""u8.ToArray(), CancellationToken.None)).Problems.Single().Message, Does.Contain("profile or a label"));
        Assert.That((await _gateway.Runs.SubmitAsync("""{"profile": "trusts"}"""u8.ToArray(), CancellationToken.None)).Problems.Single().Path, Is.EqualTo("command"));
        Assert.That((await _gateway.Runs.SubmitAsync("""{"profile": "trusts", "command": {"command_type": "say"}}"""u8.ToArray(), CancellationToken.None)).Problems.Single().Message, Does.Contain("payload.text is missing"), "the profile's script has tried it");
        Assert.That((await _gateway.Runs.SubmitAsync("""{"profil": "trusts"}"""u8.ToArray(), CancellationToken.None)).Outcome, Is.EqualTo(SubmitOutcome.Malformed));
    }

    [Test]
    public async Task The_same_id_gives_the_first_run_again_and_so_many_may_be_under_way()
    {
        const string Body = """{"run_id": "r", "profile": "trusts", "command": {"command_type": "say", "payload": {"text": "x"}}}""";
        await BeginAsync(Body);

        var again = await _gateway.Runs.SubmitAsync(Encoding.UTF8.GetBytes(Body), CancellationToken.None);
        var other = await _gateway.Runs.SubmitAsync(Encoding.UTF8.GetBytes(Body.Replace("\"x\"", "\"y\"", StringComparison.Ordinal)), CancellationToken.None);
        for (var i = 1; i < CommandsUnderTest.MaxRuns; i++)
        {
            await BeginAsync(Body.Replace("\"r\"", $"\"r{i}\"", StringComparison.Ordinal));
        }

        var tooMany = await _gateway.Runs.SubmitAsync(Encoding.UTF8.GetBytes(Body.Replace("\"r\"", "\"more\"", StringComparison.Ordinal)), CancellationToken.None);

        Assert.That((again.Outcome, other.Outcome, tooMany.Outcome), Is.EqualTo((SubmitOutcome.Repeated, SubmitOutcome.Conflict, SubmitOutcome.QueueFull)));
    }

    [Test]
    public void Request_ids_fit_however_long_the_device_id_is()
    {
        var long1 = DeviceId.Parse(new string('x', DeviceId.MaxLength));
        var long2 = DeviceId.Parse(new string('x', DeviceId.MaxLength - 1) + "y");

        Assert.That(RunRequest.RequestIdOf("r", DeviceId.Parse("a")), Is.EqualTo("r:a"));
        Assert.That(RunRequest.RequestIdOf("r", long1), Has.Length.LessThanOrEqualTo(128).And.StartsWith("r:").And.EqualTo(RunRequest.RequestIdOf("r", DeviceId.Parse(long1.ToString()))));
        Assert.That(RunRequest.RequestIdOf("r", long1), Is.Not.EqualTo(RunRequest.RequestIdOf("r", long2)));
    }

    [Test]
    public async Task What_ended_long_ago_is_forgotten()
    {
        await BeginAsync("""{"run_id": "r", "profile": "trusts", "command": {"command_type": "say", "payload": {"text": "x"}}}""");
        await RunThroughAsync();
        Assert.That(Run().State, Is.EqualTo(RunState.Completed));

        await StepAsync(TimeSpan.FromDays(8));
        await _gateway.RestartAsync();

        Assert.That(_gateway.Runs.All, Is.Empty);
    }

    private CommandRun Run() => _gateway.Runs.Find("r")!;

    private RunCounts Counts() => _gateway.Services<RunTallies>().Of("r");

    private async Task AddDevicesAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await _gateway.AddDeviceAsync($"d{i:00}", "trusts");
        }
    }

    private async Task BeginAsync(string body)
    {
        _gateway.Time.Advance(TimeSpan.FromMilliseconds(1));
        var result = await _gateway.Runs.SubmitAsync(Encoding.UTF8.GetBytes(JsonNode.Parse(body)!.ToJsonString()), CancellationToken.None);
        Assert.That(result.Outcome, Is.EqualTo(SubmitOutcome.Queued), string.Join("; ", result.Problems));
    }

    private async Task StepAsync(TimeSpan passed)
    {
        _gateway.Time.Advance(passed);
        await _gateway.Queuer.StepAllAsync(CancellationToken.None);
    }

    // Until each run has addressed all its devices; each step is a second.
    private async Task RunThroughAsync()
    {
        for (var i = 0; i < 20; i++)
        {
            await StepAsync(TimeSpan.FromSeconds(1));
        }
    }
}
