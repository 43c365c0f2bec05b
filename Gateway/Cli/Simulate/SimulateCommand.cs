using System.CommandLine;
using System.Globalization;

namespace Gateway.Cli;

/// <summary><c>simulate</c>: a fleet of devices, and whether the gateway keeps its word to them.</summary>
internal static class SimulateCommand
{
    // How often the file of the readings is looked into.
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(500);

    public static Command Create()
    {
        var options = new SimulateOptions();
        var client = new ClientOptions();
        var command = new Command("simulate", "Lets a fleet of simulated devices speak to a gateway, through a network that loses and repeats datagrams, and tells whether each reading that was acknowledged came out of a sink, and each command was applied once. The exit code is 0 when that is so, otherwise 1.");
        options.AddTo(command);
        client.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            var error = result.InvocationConfiguration.Error;
            var configuration = client.Load(result);
            if (!configuration.IsUsable(error))
            {
                return ExitCode.Usage;
            }

            try
            {
                var settings = await options.SettingsAsync(result, configuration.Settings, TimeProvider.System, cancellation);
                var file = options.ReadingsFile(result, configuration.Settings, settings);
                return settings.CommandsPerDevice > 0
                    ? await client.RunAsync(result, (gateway, terminal) => RunAsync(settings, file, gateway, terminal, TimeProvider.System, cancellation))
                    : await RunAsync(settings, file, null, client.TerminalFor(result), TimeProvider.System, cancellation);
            }
            catch (InvalidDataException exception)
            {
                await error.WriteLineAsync(exception.Message);
                return ExitCode.Usage;
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(FleetSettings settings, string? file, GatewayClient? gateway, Terminal terminal, TimeProvider time, CancellationToken cancellation)
    {
        using var fleet = new Fleet(settings, time);
        var readings = file is null ? null : new ReadingsFile(file, fleet.Ledgers);
        var traffic = gateway is null ? null : new CommandTraffic(gateway, fleet, settings, time);
        await terminal.Error.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{settings.Devices} {settings.Family.Name} devices speak to {settings.Server} every {settings.Interval.TotalSeconds} s for {settings.Duration.TotalSeconds} s, seed {settings.Seed}; readings are {(file is null ? "not compared" : $"compared with {file}")}"));

        var view = new FleetView(terminal, fleet, readings, traffic, time);
        var states = new Dictionary<(int Device, int Number), string>();
        try
        {
            await view.FollowAsync(WorkAsync());
        }
        catch (OperationCanceledException)
        {
            await terminal.Error.WriteLineAsync("stopped before there was a verdict");
            return ExitCode.Failure;
        }

        var verdict = FleetVerdict.Of(fleet, readings, traffic, states);
        view.Conclude(verdict);
        return verdict.IsPassed ? ExitCode.Success : ExitCode.Failure;

        async Task WorkAsync()
        {
            await SpeakAsync(fleet, readings, traffic, time, cancellation);
            if (readings is not null)
            {
                await SettleAsync(fleet, readings, settings.Settle, time, cancellation);
            }

            if (traffic is not null)
            {
                states = await traffic.StatesAsync(cancellation);
            }
        }
    }

    // The fleet speaks, while its commands are queued and its readings are looked at.
    private static async Task SpeakAsync(Fleet fleet, ReadingsFile? readings, CommandTraffic? traffic, TimeProvider time, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var numbers = fleet.Devices.Select((device, number) => (device, number)).ToDictionary(one => one.device, one => one.number);
        var queueing = traffic?.RunAsync(stop.Token) ?? Task.CompletedTask;
        var reading = readings is null ? Task.CompletedTask : ReadAsync(readings, time, end.Token);
        var speaking = fleet.RunAsync(device => traffic?.IsDone(numbers[device]) ?? true, stop.Token);
        Task[] parts = [speaking, queueing, reading];

        // What fails while the devices speak need not wait for their end.
        while (!speaking.IsCompleted && !Array.Exists(parts, part => part.IsFaulted))
        {
            await Task.WhenAny(parts.Where(part => !part.IsCompleted));
        }

        if (!speaking.IsCompleted)
        {
            await stop.CancelAsync();
        }

        await Task.WhenAll(speaking, queueing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await end.CancelAsync();
        await Task.WhenAll(parts);
    }

    private static async Task ReadAsync(ReadingsFile readings, TimeProvider time, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            readings.ReadOn();
            await Task.Delay(LookPeriod, time, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // A sink may be behind. What is too much would come at the same time, so one more look follows.
    private static async Task SettleAsync(Fleet fleet, ReadingsFile readings, TimeSpan patience, TimeProvider time, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        while (time.GetElapsedTime(start) < patience && (readings.ReadOn() || IsMissingSomething(fleet)))
        {
            await Task.Delay(LookPeriod, time, cancellation);
        }

        await Task.Delay(LookPeriod, time, cancellation);
        readings.ReadOn();
    }

    private static bool IsMissingSomething(Fleet fleet) => fleet.Ledgers.Values.Any(ledger => ledger.Sum().Missing > 0);
}
