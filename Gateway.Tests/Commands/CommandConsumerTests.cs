using System.Text.Json;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Scripting.Contract;

namespace Gateway.Tests.Commands;

/// <summary>Commands with the real store, the real registry and real scripts; only the clock is the test's.</summary>
internal sealed class CommandConsumerTests
{
    private const string Script = """
        List<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config) => [];
        byte[]? format_command(Command command, DeviceConfig config, UplinkRequest? request) => command.CommandType switch
        {
            "say" => Encoding.UTF8.GetBytes(command.GetString("text") ?? throw new CommandException("payload.text is missing")),
            "fail-when-sent" => request is null ? [1] : throw new InvalidOperationException("not now"),
            _ => null,
        };
        """;

    private CommandsUnderTest _gateway = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _gateway = await CommandsUnderTest.StartAsync(Script);
        await _gateway.AddDeviceAsync("a");
    }

    [TearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [Test]
    public async Task The_next_command_is_the_one_with_the_highest_priority()
    {
        await SayAsync("first");
        await SayAsync("second");
        await SayAsync("urgent", priority: 1);

        Assert.That(await TakeAllAsync(), Is.EqualTo(new[] { "urgent", "first", "second" }));
    }

    [Test]
    public async Task A_command_that_fails_does_not_block_the_next()
    {
        var failing = await SubmitAsync(new CommandDocument { DeviceId = "a", CommandType = "fail-when-sent" });
        await SayAsync("next");

        Assert.That(await TakeAllAsync(), Is.EqualTo(new[] { "next" }));
        var failed = await _gateway.Consumer.FindAsync(failing.RequestId, CancellationToken.None);
        Assert.That((failed!.State, failed.Reason), Is.EqualTo((CommandState.Failed, failed.Reason)));
        Assert.That(failed.Reason, Does.Contain("not now"));
    }

    [Test]
    public async Task A_command_whose_time_ran_out_is_not_sent()
    {
        var late = await SubmitAsync(Say("late") with { ExpiresAt = _gateway.Time.GetUtcNow().AddMinutes(1) });
        await SayAsync("next");
        _gateway.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.That(await TakeAllAsync(), Is.EqualTo(new[] { "next" }));
        Assert.That(await StateOfAsync(late), Is.EqualTo(CommandState.Expired));
    }

    [Test]
    public async Task A_silent_devices_command_expires_all_the_same()
    {
        var late = await SubmitAsync(Say("late") with { ExpiresAt = _gateway.Time.GetUtcNow().AddMinutes(1) });
        _gateway.Time.Advance(TimeSpan.FromMinutes(2));

        await _gateway.Consumer.SweepAsync(CancellationToken.None);

        Assert.That(await StateOfAsync(late), Is.EqualTo(CommandState.Expired));
    }

    [Test]
    public async Task A_sent_command_is_delivered_when_the_device_speaks_again()
    {
        var command = await SayAsync("hello");
        var taken = await TakeAllAsync();
        var sent = await StateOfAsync(command);

        await _gateway.Consumer.AcknowledgeCommandsAsync(DeviceId.Parse("a"), CancellationToken.None);

        Assert.That(taken, Has.Count.EqualTo(1));
        Assert.That((sent, await StateOfAsync(command)), Is.EqualTo((CommandState.Sent, CommandState.Delivered)));
    }

    [Test]
    public async Task After_a_restart_the_queue_is_as_it_was()
    {
        await SayAsync("sent");
        await TakeOneAsync();
        await SayAsync("first");
        await SayAsync("second");

        await _gateway.RestartAsync();
        await SayAsync("third");

        Assert.That(await TakeAllAsync(), Is.EqualTo(new[] { "first", "second", "third" }));
    }

    [Test]
    public async Task A_queue_that_is_full_refuses()
    {
        for (var i = 0; i < CommandsUnderTest.MaxQueued; i++)
        {
            await SayAsync($"{i}");
        }

        var refused = await _gateway.Consumer.SubmitAsync(Say("too many"), CancellationToken.None);

        Assert.That(refused.Outcome, Is.EqualTo(SubmitOutcome.QueueFull));
    }

    [Test]
    public async Task Many_submissions_of_one_request_id_queue_one_command()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _gateway.Consumer.SubmitAsync(Say("once") with { RequestId = "r" }, CancellationToken.None)));

        Assert.That(results.Count(result => result.Outcome is SubmitOutcome.Queued), Is.EqualTo(1));
        Assert.That(results.Count(result => result.Outcome is SubmitOutcome.Repeated), Is.EqualTo(7));
        Assert.That(await TakeAllAsync(), Has.Count.EqualTo(1));
    }

    [TestCase("say", "{}", "payload.text is missing")]
    [TestCase("say", """{"text": 5}""", "payload.text must be a string, not 5")]
    [TestCase("say", """{"text": "\ud800"}""", "no Unicode")]
    [TestCase("say", """{"text": "a", "deep": [{"\udc00": 1}]}""", "no Unicode")]
    [TestCase("sing", "{}", "knows no command of type \"sing\"")]
    public async Task The_caller_is_told_at_once_what_the_script_thinks_of_it(string type, string payload, string message)
    {
        var result = await _gateway.Consumer.SubmitAsync(new CommandDocument { DeviceId = "a", CommandType = type, Payload = JsonElement.Parse(payload) }, CancellationToken.None);

        Assert.That(result.Outcome, Is.EqualTo(SubmitOutcome.Invalid));
        Assert.That(result.Problems[0].Message, Does.Contain(message));
    }

    private static CommandDocument Say(string text, int? priority = null) => new()
    {
        DeviceId = "a",
        CommandType = "say",
        Payload = JsonSerializer.SerializeToElement(new { text }),
        Priority = priority,
    };

    private Task<QueuedCommand> SayAsync(string text, int? priority = null) => SubmitAsync(Say(text, priority));

    private async Task<QueuedCommand> SubmitAsync(CommandDocument document)
    {
        var result = await _gateway.Consumer.SubmitAsync(document, CancellationToken.None);
        Assert.That(result.Outcome, Is.EqualTo(SubmitOutcome.Queued), string.Join("; ", result.Problems));
        return result.Command!;
    }

    private async Task<string?> TakeOneAsync()
    {
        var device = await _gateway.Directory.FindAsync(DeviceId.Parse("a"), CancellationToken.None);
        var request = new UplinkRequest { RequestId = "u", Method = "POST", Path = "/", ReceivedAt = _gateway.Time.GetUtcNow(), Peer = "" };
        return await _gateway.Consumer.GetFormattedCommandAsync(device!, request, CancellationToken.None) is { } command
            ? System.Text.Encoding.UTF8.GetString(command.Bytes)
            : null;
    }

    private async Task<IReadOnlyList<string>> TakeAllAsync()
    {
        var taken = new List<string>();
        while (await TakeOneAsync() is { } text)
        {
            taken.Add(text);
        }

        return taken;
    }

    private async Task<CommandState> StateOfAsync(QueuedCommand command) =>
        (await _gateway.Consumer.FindAsync(command.RequestId, CancellationToken.None))!.State;
}
