using Gateway.Journal;

namespace Gateway.Commands;

/// <summary>
/// Brings the store up to what the journal has, in batches and behind everybody's back: a command that has taken many steps meanwhile is
/// written once, as it is. What the store does not have yet is answered from here.
/// </summary>
internal sealed class CommandFollower(
    ICommandStore store, IJournal journal, CommandMetrics metrics, TimeProvider time, ILogger<CommandFollower> log) : BackgroundService
{
    /// <summary>The journal keeps what this reader has not had.</summary>
    public const string Cursor = "store/commands";

    // One transaction of LiteDB; its memory grows with the pages that it touches.
    private const int MaxBatch = 2000;

    // After so many at once there may be as many more already.
    private const int Many = 500;

    /// <summary>
    /// How long a command waits for its next steps, so that all of them are one write: what is sent, superseded or answered within seconds is
    /// written as it ended. One that has not costs LiteDB a third of a millisecond and 60 to 100 kB of garbage, whatever there is to it.
    /// Nobody waits for it: what the store does not have is found here, and who reads it whole makes it hurry.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long commands whose time has come gather: a commit reaches for the disk, for which frames wait as well. But what gathers is written in one
    /// go, which takes a processor and leaves much to the collector, and frames that come meanwhile wait for that.
    /// </summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromSeconds(0.05);

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    // What the store does not get by then, it gets from the journal at the next start.
    private static readonly TimeSpan PatienceAtEnd = TimeSpan.FromSeconds(5);

    // Without steps of commands the position need not be exact: what lies between is read again at the next start, and is frames.
    private static readonly TimeSpan IdlePeriod = TimeSpan.FromSeconds(10);

    // While commands are written the position follows so often: what lies between is read again, and each time costs several syncs of the disk.
    private static readonly TimeSpan PositionPeriod = TimeSpan.FromSeconds(1);

    private readonly Backlog _backlog = new();
    private readonly StepsUnderWay _underWay = new();

    // Written once, before anybody else comes; then of the follower's task alone, but for the epoch, which stays.
    private StorePosition _position;
    private long _positionedAt;
    private volatile string? _error;
    private volatile TaskCompletionSource _hurry = NewSignal();

    /// <summary>How many commands the store does not have as they are.</summary>
    public int Lag => _backlog.Count;

    /// <summary>Why the store can't be written; null when it can.</summary>
    public string? Error => _error;

    /// <summary>The place of a record of the journal in the order of all.</summary>
    public long OrderOf(long sequence) => _position.OrderOf(sequence);

    /// <summary>From where on the store is to follow. Before the first step.</summary>
    public void StartFrom(StorePosition position) => _position = position;

    /// <summary>Steps are about to be appended; their position is not passed before the object is disposed.</summary>
    public IDisposable Begin() => _underWay.Begin();

    /// <summary>A command as it is now, which is on disk in the journal.</summary>
    public void Add(QueuedCommand command, long sequence) => _backlog.Add(command, sequence, time.GetTimestamp());

    /// <summary>A command that the store does not have as it is.</summary>
    public QueuedCommand? Find(string requestId) => _backlog.Find(requestId);

    /// <summary>Completes when the store has everything that there was at the call, or when the time is over.</summary>
    public async Task<bool> CaughtUpAsync(TimeSpan limit, CancellationToken cancellation)
    {
        try
        {
            var written = _backlog.WrittenAsync();
            if (!written.IsCompleted)
            {
                _hurry.TrySetResult();
            }

            await written.WaitAsync(limit, time, cancellation);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.ObserveLag(() => _backlog.Count);
        while (!stoppingToken.IsCancellationRequested)
        {
            await TryWriteAsync(Patience, Many, TimeSpan.MaxValue, stoppingToken);
            await WaitAsync(stoppingToken);
        }

        await TryWriteAsync(TimeSpan.Zero, 1, PatienceAtEnd, CancellationToken.None);
    }

    // Goes on while it is so many at once. A write that has begun is not cancelled: it is short, and half of it would be nothing.
    private async Task TryWriteAsync(TimeSpan patience, int many, TimeSpan limit, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        try
        {
            while (await WriteAsync(patience) >= many && !cancellation.IsCancellationRequested && time.GetElapsedTime(started) < limit)
            {
                // There may be more by now.
            }

            if (_error is not null)
            {
                _error = null;
                log.StoreFollowsAgain();
            }
        }
        catch (Exception e)
        {
            if (_error is null)
            {
                log.StoreFailed(e);
            }

            _error = e.Message;
        }
    }

    // Writes what has waited for so long, or is waited for; how many commands that were.
    private async Task<int> WriteAsync(TimeSpan patience)
    {
        var reached = _underWay.Reach(journal.LastSequence);
        var batch = _backlog.Take(MaxBatch, time.GetTimestamp() - (long)(patience.TotalSeconds * time.TimestampFrequency), out var before);
        var position = _position with { Sequence = Math.Max(_position.Sequence, Math.Min(reached, before)) };

        // While commands wait, the position moves with them.
        if (batch.Count == 0 && (before < long.MaxValue || position == _position))
        {
            return 0;
        }

        if (batch.Count > 0)
        {
            await ApplyAsync(batch);
        }

        if (batch.Count == 0 || patience == TimeSpan.Zero || time.GetElapsedTime(_positionedAt) >= PositionPeriod)
        {
            await store.FollowedAsync(position, CancellationToken.None);
            (_position, _positionedAt) = (position, time.GetTimestamp());
            journal.Advance(Cursor, position.Sequence);
        }

        return batch.Count;
    }

    private async Task ApplyAsync(IReadOnlyCollection<QueuedCommand> batch)
    {
        try
        {
            await store.ApplyAsync(batch, CancellationToken.None);
        }
        catch
        {
            _backlog.PutBack(batch);
            throw;
        }

        _backlog.Done(batch);
    }

    // However the wait ends, it is time to look.
    private async Task WaitAsync(CancellationToken cancellation)
    {
        await (_error is null ? _backlog.AnyAsync().WaitAsync(IdlePeriod, time, cancellation) : Task.Delay(PauseAfterFailure, time, cancellation))
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _hurry.Task.WaitAsync(Gathering, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // Who is in a hurry from now on finds everything in what is written next, or hurries that along.
        _hurry = NewSignal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
