using Gateway.Journal;
using Gateway.Sinks;

namespace Gateway.Tests.Sinks;

/// <summary>A sink that does what the test says, and remembers what it has taken.</summary>
internal sealed class ScriptedSink(string name, Func<IReadOnlyList<JournalRecord>, CancellationToken, Task>? script = null) : ISink
{
    private readonly Lock _gate = new();
    private readonly List<long> _taken = [];
    private int _calls;

    public string Name => name;

    public string Type => "scripted";

    public bool Disposed { get; private set; }

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>The sequences of all records that were taken.</summary>
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

    public async Task WriteAsync(IReadOnlyList<JournalRecord> batch, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _calls);
        if (script is not null)
        {
            await script(batch, cancellation);
        }

        lock (_gate)
        {
            _taken.AddRange(batch.Select(record => record.Sequence));
        }
    }

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        return ValueTask.CompletedTask;
    }
}
