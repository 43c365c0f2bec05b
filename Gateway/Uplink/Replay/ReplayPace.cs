using Gateway.Journal;

namespace Gateway.Uplink;

/// <summary>
/// Keeps a replay behind the live traffic: it keeps to a rate, rests as long as it works, so that it takes half a processor at most, and
/// stands still while records wait for the disk or work waits for a thread. Of one replay.
/// </summary>
internal sealed class ReplayPace(Func<ReplaySettings> settings, IJournal journal, TimeProvider time)
{
    // Live frames that wait for one commit are usual; these are more than the disk keeps up with.
    private const int BusyPending = 256;
    private const int BusyThreads = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    // Timers are not finer than about this: shorter rests are saved up.
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(10);

    private long _workedSince = time.GetTimestamp();
    private TimeSpan _owed;

    /// <summary>Waits until the next frame may be read.</summary>
    /// <param name="frames">For how many frames this turn stands.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async ValueTask TurnAsync(int frames, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var worked = time.GetElapsedTime(_workedSince);
        var rate = settings().FramesPerSecond;
        var due = rate > 0 ? TimeSpan.FromSeconds((double)frames / rate) : TimeSpan.Zero;
        _owed += due - worked > worked ? due - worked : worked;
        if (_owed >= ShortestRest)
        {
            var started = time.GetTimestamp();
            await Task.Delay(_owed, time, cancellation);
            _owed -= time.GetElapsedTime(started);

            // What a late timer has made it lose is not to be caught up with.
            _owed = _owed < -Pause ? -Pause : _owed;
        }

        while (journal.Health.Pending > BusyPending || ThreadPool.PendingWorkItemCount > BusyThreads * Environment.ProcessorCount)
        {
            await Task.Delay(Pause, time, cancellation);
        }

        _workedSince = time.GetTimestamp();
    }
}
