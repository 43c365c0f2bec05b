namespace Gateway.Journal;

/// <summary>How far the journal reaches on disk, and who waits for more.</summary>
internal sealed class Arrivals
{
    private long _lastSequence;
    private TaskCompletionSource _next = NewSignal();

    public long LastSequence => Volatile.Read(ref _lastSequence);

    /// <summary>The journal reaches this far now. Called by one thread at a time.</summary>
    public void Reached(long sequence)
    {
        Volatile.Write(ref _lastSequence, sequence);

        // The number first, then the signal: who takes the new signal has to see the new number.
        Interlocked.Exchange(ref _next, NewSignal()).TrySetResult();
    }

    public async Task WaitAsync(long afterSequence, CancellationToken cancellation)
    {
        while (true)
        {
            var next = Volatile.Read(ref _next);
            if (LastSequence > afterSequence)
            {
                return;
            }

            await next.Task.WaitAsync(cancellation);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
