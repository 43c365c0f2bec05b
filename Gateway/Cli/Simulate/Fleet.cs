namespace Gateway.Cli;

/// <summary>Many simulated devices at work.</summary>
internal sealed class Fleet : IDisposable
{
    private readonly FleetSettings _settings;
    private readonly TimeProvider _time;
    private readonly long _start;

    public Fleet(FleetSettings settings, TimeProvider time)
    {
        (_settings, _time, _start) = (settings, time, time.GetTimestamp());
        var seeds = new Random(settings.Seed);
        var now = time.GetUtcNow();
        Devices = [.. Enumerable.Range(0, settings.Devices).Select(number => Make(number, new Random(seeds.Next()), now))];
        Ledgers = Devices.ToDictionary(device => device.Model.DeviceId, device => device.Ledger, StringComparer.Ordinal);
    }

    public FleetTally Tally { get; } = new();

    public IReadOnlyList<SimulatedDevice> Devices { get; }

    /// <summary>What each device has said, by its id.</summary>
    public IReadOnlyDictionary<string, DeviceLedger> Ledgers { get; }

    /// <summary>Since when it has been there.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>How many devices the gateway has taken something from.</summary>
    public int Known => Devices.Count(device => device.IsKnown);

    /// <summary>
    /// Lets the devices live for as long as the settings say, and those that still wait for something for some time after that.
    /// </summary>
    /// <param name="mayStop">Whether a device has all that it waits for.</param>
    /// <param name="cancellation">Ends it at once.</param>
    public async Task RunAsync(Func<SimulatedDevice, bool> mayStop, CancellationToken cancellation)
    {
        using var over = new CancellationTokenSource(_settings.Duration, _time);
        using var end = new CancellationTokenSource(_settings.Duration + _settings.Settle, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellation);
        using var awake = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellation);
        var lives = Devices.Select(device => Task.Run(() => device.LiveAsync(one => over.IsCancellationRequested && mayStop(one), awake.Token, stop.Token), CancellationToken.None));
        try
        {
            await Task.WhenAll(lives);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Some did not get what they waited for; the verdict tells which.
            return;
        }
    }

    public void Dispose()
    {
        foreach (var device in Devices)
        {
            device.Dispose();
        }
    }

    // Not all speak at the same moment: their first messages are spread over an interval.
    private SimulatedDevice Make(int number, Random chance, DateTimeOffset now)
    {
        var model = _settings.Family.Make(_settings, number, chance, now + (_settings.Interval * chance.NextDouble()));
        return new SimulatedDevice(model, new DeviceLedger(model.DeviceId), new DeviceLink(_settings, Tally, chance, _time), Tally, _time);
    }
}
