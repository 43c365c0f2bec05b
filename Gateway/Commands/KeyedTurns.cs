namespace Gateway.Commands;

/// <summary>
/// One at a time for each key: a device, whose commands are stepped by one at a time, or a request id. A turn lasts over the commit, so that
/// what is seen in the next one is on disk.
/// </summary>
internal class KeyedTurns
{
    private readonly Lock _gate = new();

    // Under the gate. A key stands here while somebody has its turn or waits for it.
    private readonly Dictionary<string, Waiters> _keys = new(StringComparer.Ordinal);

    /// <summary>Waits for the key's turn; whoever got it disposes it, once.</summary>
    public async ValueTask<IDisposable> TakeAsync(string key, CancellationToken cancellation)
    {
        Waiters waiters;
        lock (_gate)
        {
            if (!_keys.TryGetValue(key, out waiters!))
            {
                _keys.Add(key, waiters = new Waiters());
            }

            waiters.Count++;
        }

        try
        {
            await waiters.Turn.WaitAsync(cancellation);
        }
        catch
        {
            Leave(key, waiters);
            throw;
        }

        return new Turn(this, key, waiters);
    }

    private void Leave(string key, Waiters waiters)
    {
        lock (_gate)
        {
            if (--waiters.Count == 0)
            {
                _keys.Remove(key);
                waiters.Turn.Dispose();
            }
        }
    }

    private sealed class Waiters
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public int Count { get; set; }
    }

    private sealed class Turn(KeyedTurns turns, string key, Waiters waiters) : IDisposable
    {
        private int _isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                waiters.Turn.Release();
                turns.Leave(key, waiters);
            }
        }
    }
}

/// <summary>The turns of devices.</summary>
internal sealed class DeviceTurns : KeyedTurns
{
    /// <summary>Waits for the device's turn; whoever got it disposes it, once.</summary>
    public ValueTask<IDisposable> TakeAsync(Devices.DeviceId device, CancellationToken cancellation) => TakeAsync(device.ToString(), cancellation);
}
