using Gateway.Sinks;

namespace Gateway.Tests.Sinks;

/// <summary>A sink that does what the test says, and remembers what it has taken.</summary>
internal sealed class ScriptedSink(string name, Func<IReadOnlyList<SinkMessage>, CancellationToken, Task<Delivery>>? script = null) : ISink
{
    private readonly Lock _gate = new();
    private readonly List<long> _taken = [];
    private int _calls;

    public string Name => name;

    public string Type => "scripted";

    public bool Disposed { get; private set; }

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>The records of all messages that were taken, one for each message.</summary>
    public IReadOnlyList<long> Taken
    {
        get
        {
            lock (_gate)
            {
                return [.. _taken];
            }
        }
    }

    public async Task<Delivery> WriteAsync(IReadOnlyList<SinkMessage> batch, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _calls);
        var delivery = script is null ? Delivery.AllTaken : await script(batch, cancellation);
        lock (_gate)
        {
            _taken.AddRange(batch.Except(delivery.Again).Except(delivery.Refused.Select(refusal => refusal.Message)).Select(message => message.Id.Sequence));
        }

        return delivery;
    }

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        return ValueTask.CompletedTask;
    }
}
