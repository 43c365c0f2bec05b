using Gateway.Commands;
using Gateway.Devices;
using Gateway.Journal;
using Gateway.Scripting;

namespace Gateway.Api;

/// <summary>Those who listen to events. While nobody does, nothing is done.</summary>
internal sealed class EventStreams(IJournal journal, RecentExchanges exchanges, ScriptCatalog scripts, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>So many may listen at once: each reads the journal for itself.</summary>
    public const int Most = 64;

    private int _open;

    /// <summary>How many listen.</summary>
    public int Open => Volatile.Read(ref _open);

    public IJournal Journal => journal;

    public RecentExchanges Exchanges => exchanges;

    public ScriptCatalog Scripts => scripts;

    public TimeProvider Time => time;

    /// <summary>Nobody is listened to any longer: a listener would hold up the stop.</summary>
    public CancellationToken Stopping => lifetime.ApplicationStopping;

    /// <summary>Lets somebody listen; null when too many do.</summary>
    /// <param name="kinds">To what.</param>
    /// <param name="device">Only to this device; none listens to all.</param>
    /// <param name="after">Readings and commands behind this record of the journal; null for what comes from now on.</param>
    public EventStream? TryOpen(EventKinds kinds, DeviceId device, long? after)
    {
        if (Interlocked.Increment(ref _open) > Most)
        {
            Close();
            return null;
        }

        return new EventStream(this, kinds, device, after);
    }

    public void Close() => Interlocked.Decrement(ref _open);
}
