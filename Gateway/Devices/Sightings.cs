using System.Collections.Concurrent;

namespace Gateway.Devices;

/// <summary>
/// When devices spoke last. A frame costs a write to memory; the store gets what is new once a minute, a device at most once, and with the stop.
/// A crash loses the last minute of it, and a stop what the store can't take in some seconds.
/// </summary>
internal sealed class Sightings(IDeviceStore store, TimeProvider time, ILogger<Sightings> log) : BackgroundService
{
    /// <summary>How often the store is told.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>How long a stop waits for the store at most: what stops after this has its time, too.</summary>
    public static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(5);

    // So many in one write: devices that are let in meanwhile wait behind it.
    private const int Batch = 256;

    // Ticks of UTC. Written by every frame; an entry is taken out once the store has it and nothing newer has come.
    private readonly ConcurrentDictionary<DeviceId, long> _recent = new();

    /// <summary>A device speaks now.</summary>
    public void Note(DeviceId device) => _recent[device] = time.GetUtcNow().UtcTicks;

    /// <summary>A device as the store has it, with what the store does not know yet.</summary>
    public Device Complete(Device stored) =>
        _recent.TryGetValue(stored.Id, out var ticks) && !(stored.LastSeenAt?.UtcTicks >= ticks) ? stored with { LastSeenAt = new DateTimeOffset(ticks, TimeSpan.Zero) } : stored;

    /// <summary>Tells the store what it does not know yet.</summary>
    public async Task SaveAsync(CancellationToken cancellation)
    {
        try
        {
            foreach (var batch in _recent.Chunk(Batch))
            {
                await store.SaveSightingsAsync([.. batch.Select(seen => KeyValuePair.Create(seen.Key, new DateTimeOffset(seen.Value, TimeSpan.Zero)))], cancellation);
                foreach (var seen in batch)
                {
                    _recent.TryRemove(seen);
                }
            }
        }
        catch (StoreUnavailableException e)
        {
            log.SightingsNotSaved(_recent.Count, e.Message);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var limit = new CancellationTokenSource(LongestStop, time);
        try
        {
            await SaveAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            log.SightingsLost(_recent.Count, LongestStop.TotalSeconds);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await SaveAsync(stoppingToken);
        }
    }
}
