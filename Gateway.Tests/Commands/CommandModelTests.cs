using System.Globalization;
using System.Text.Json;
using CsCheck;
using Gateway.Commands;
using Gateway.Devices;

namespace Gateway.Tests.Commands;

/// <summary>
/// Whatever happens in whatever order, a device's commands are where the model says. Messages are lost (the device says so, or says nothing),
/// come late, twice and from elsewhere: to this room those are messages like all others. What they are on the wire is for
/// <see cref="EndToEnd.CommandWireTests"/>.
/// </summary>
internal sealed class CommandModelTests
{
    private const int Sequences = 60;
    private const int MaxCommands = 12;

    private static readonly Gen<Act> Acts = Gen.Frequency<Act>(
        (4, Gen.Select(Gen.Int[0, 1], Gen.Int[0, 2], Gen.Int[1, 3], Gen.Bool, Gen.Int[0, 3], (priority, confirm, attempts, expires, key) =>
            (Act)new Submit(priority, (CommandConfirm)confirm, attempts, expires, key))),
        (1, Gen.Int[0, MaxCommands].Select(which => (Act)new Cancel(which))),
        (8, Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], (kind, way) => (Act)new Speak(kind, way > 0))),
        (2, Gen.Int[1, 50].Select(seconds => (Act)new Pass(seconds))));

    // The same for a device that observes, acknowledges what it is told, resets it, or is not there.
    private static readonly Gen<Act> ActsOfObservers = Gen.Frequency<Act>(
        (10, Acts),
        (2, Gen.Const((Act)new Observe())),
        (6, Gen.Int[0, 5].Select(kind => (Act)new React(kind))));

    [Test]
    public Task Commands_are_where_the_model_says() => CompareAsync(Acts.Array[1, 40]);

    [Test]
    public Task So_are_those_of_devices_that_observe() => CompareAsync(ActsOfObservers.Array[1, 50]);

    private static async Task CompareAsync(Gen<Act[]> sequences)
    {
        await using var gateway = await CommandsUnderTest.StartAsync(CommandsUnderTest.Script, storeFollows: false, maxQueued: 100);
        using var bench = new PushBench(gateway);
        var number = 0;
        await sequences.SampleAsync(
            async acts =>
            {
                var device = string.Create(CultureInfo.InvariantCulture, $"d{Interlocked.Increment(ref number)}");
                await gateway.AddDeviceAsync(device, "asks");
                var model = new CommandModel();
                foreach (var act in acts)
                {
                    await DoAsync(gateway, bench, model, device, act);
                    await bench.LookAsync(device);
                    Assert.That(bench.Take(device).LastOrDefault(), Is.EqualTo(model.Notify(gateway.Time.GetUtcNow())), $"what goes out after {act}");
                    await CompareAsync(gateway, model, act);
                }
            },
            iter: Sequences, threads: 1);

        // A start finds it all in the journal, for the store never got any of it.
        var before = gateway.Index.Count;
        await gateway.RestartAsync();
        Assert.That(gateway.Index.Count, Is.EqualTo(before));
    }

    private static async Task DoAsync(CommandsUnderTest gateway, PushBench bench, CommandModel model, string device, Act act)
    {
        var now = gateway.Time.GetUtcNow();
        switch (act)
        {
            case Submit submit when model.Count < MaxCommands:
                var id = string.Create(CultureInfo.InvariantCulture, $"{device}-{model.Count}");
                var (expires, key) = (submit.Expires ? now.AddSeconds(30) : (DateTimeOffset?)null, submit.Key == 0 ? "k" : null);
                var result = await gateway.Consumer.SubmitAsync(
                    new CommandRequest
                    {
                        RequestId = id,
                        DeviceId = device,
                        CommandType = "say",
                        Payload = JsonElement.Parse("""{"text": ""}"""),
                        Priority = submit.Priority,
                        Confirm = submit.Confirm,
                        MaxAttempts = submit.MaxAttempts,
                        ExpiresAt = expires,
                        DedupKey = key,
                    },
                    CancellationToken.None);
                Assert.That(result.Outcome, Is.EqualTo(SubmitOutcome.Queued));
                model.Submit(id, submit.Priority, submit.Confirm, submit.MaxAttempts, expires, key);
                break;
            case Cancel cancel:
                var cancelled = string.Create(CultureInfo.InvariantCulture, $"{device}-{cancel.Which}");
                await gateway.Consumer.CancelAsync(cancelled, CancellationToken.None);
                model.Cancel(cancelled);
                break;
            case Speak speak:
                var message = speak.Kind switch
                {
                    0 => "failed",
                    1 => $"ok {string.Join(' ', model.Sent)}",
                    2 => $"no {model.Sent.FirstOrDefault()}",
                    3 => $"ok {string.Join(' ', model.States.Select(state => state.Id))}",
                    _ => "hello",
                };
                Assert.That(await gateway.SpeakAsync(device, message, speak.Confirmable), Is.EqualTo(model.Speak(message, speak.Confirmable, now)), message);
                break;
            case Pass pass:
                await PassAsync(gateway, bench, model, device, TimeSpan.FromSeconds(pass.Seconds));
                break;
            case Observe:
                await bench.ObserveAsync(device);
                model.Observe();
                break;
            case React { Kind: < 4 } when model.IsNotified:
                await bench.AcknowledgeAsync(device, bench.LastTo(device).Id);
                model.Acknowledge();
                break;
            case React { Kind: 4 } when model.IsNotified:
                await bench.ResetAsync(device, bench.LastTo(device).Id);
                model.EndObservation();
                break;
            case React when model.IsNotified:
                await PassAsync(gateway, bench, model, device, PushBench.TimeOut);
                break;
        }
    }

    // How long a notification is sent again before it is given up is for chance to say, within limits.
    private static async Task PassAsync(CommandsUnderTest gateway, PushBench bench, CommandModel model, string device, TimeSpan time)
    {
        bench.Pass(time);
        await bench.RunAsync();
        if (model.IsNotified && !bench.IsUnderWay(device))
        {
            model.EndObservation();
        }

        Assert.That(time < PushBench.TimeOut || !model.IsNotified);
        await gateway.Consumer.SweepAsync(CancellationToken.None);
        model.Expire(gateway.Time.GetUtcNow());
    }

    private static async Task CompareAsync(CommandsUnderTest gateway, CommandModel model, Act act)
    {
        foreach (var (id, state) in model.States)
        {
            var command = (await gateway.Consumer.FindAsync(id, CancellationToken.None))!;
            Assert.That($"{command.State.Name()} {command.Attempts}", Is.EqualTo(state), $"{id} after {act}");
            Assert.That(command.Attempts, Is.LessThanOrEqualTo(command.MaxAttempts));
        }
    }

    private abstract record Act;

    private sealed record Submit(int Priority, CommandConfirm Confirm, int MaxAttempts, bool Expires, int Key) : Act;

    private sealed record Cancel(int Which) : Act;

    private sealed record Speak(int Kind, bool Confirmable) : Act;

    private sealed record Pass(int Seconds) : Act;

    private sealed record Observe : Act;

    private sealed record React(int Kind) : Act;
}
