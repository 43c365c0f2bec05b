using Gateway.Coap;

namespace Gateway.Journal;

/// <summary>
/// The one thread that writes the journal: a group of records as soon as the group before it is on disk, the cursors along with
/// it, and now and then a little tidying. A commit that fails fails everyone in its group; the next group is the next try.
/// </summary>
internal sealed class Committer : IDisposable
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    // Where many frames come, the next ones gather for so long behind a group of several. Who sends alone waits for the disk only.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(1);

    // A disk that takes longer than this is as good as full: the devices had better keep their frames.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly JournalSettings _settings;
    private readonly PendingGroups _pending;
    private readonly CursorTable _cursors;
    private readonly Arrivals _arrivals;
    private readonly RecentGroups _recent;
    private readonly TimeProvider _time;
    private readonly JournalMetrics _metrics;
    private readonly ILogger _logger;
    private readonly WalCheckpointer _checkpointer;
    private readonly RetentionKeeper _retention;
    private readonly DiskWatch _disk;

    // Never disposed: a last tick may still be on its way when the timer is.
    private readonly AutoResetEvent _work = new(false);
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _ticks;
    private volatile bool _tick;
    private volatile bool _stopping;
    private volatile CommitterState _state;

    // Of the committer's thread alone, once it runs.
    private readonly FramePace _pace;
    private readonly List<CursorPosition> _unsaved = [];
    private JournalFile? _file;
    private CommitGroup? _group;

    public Committer(
        JournalSettings settings, RetentionKeeper retention, DiskWatch disk, JournalFile file, PendingGroups pending, CursorTable cursors,
        Arrivals arrivals, RecentGroups recent, TimeProvider time, JournalMetrics metrics, ILogger logger)
    {
        (_settings, _retention, _disk, _file, _pending, _cursors, _arrivals) = (settings, retention, disk, file, pending, cursors, arrivals);
        (_recent, _time, _metrics, _logger) = (recent, time, metrics, logger);
        _state = new CommitterState(null, time.GetUtcNow());
        _pace = new FramePace(time);
        _checkpointer = new WalCheckpointer(settings.Path, logger);
        _ticks = time.CreateTimer(_ => OnTimer(), null, TickInterval, TickInterval);
    }

    public CommitterState State => _state;

    /// <summary>What is done around the telling of those who wait for a group.</summary>
    public Action<Action> Together { get; init; } = tell => tell();

    public void Start()
    {
        _checkpointer.Start();
        new Thread(Run) { IsBackground = true, Name = "journal commits" }.Start();
    }

    /// <summary>There is a group to take.</summary>
    public void Wake() => _work.Set();

    /// <summary>Writes what waits, then ends.</summary>
    public Task StopAsync()
    {
        _stopping = true;
        _work.Set();
        return _finished.Task;
    }

    /// <summary>Closes the file. Whoever has another connection to it closes that before: the last one to close empties the WAL.</summary>
    public void Dispose()
    {
        _ticks.Dispose();
        _checkpointer.Stop();
        _file?.Finish();
        _checkpointer.Dispose();
    }

    // The committer's thread may be waiting for the disk.
    private void OnTimer()
    {
        _pending.GiveUpAfter(LongestWait);
        Tick();
    }

    private void Tick()
    {
        _tick = true;
        _work.Set();
    }

    private void Run()
    {
        PromptThread.Begin();
        for (var goOn = true; goOn;)
        {
            try
            {
                goOn = Step();
            }
            catch (Exception failure)
            {
                Fail(failure);
                goOn = !(_stopping && _pending.Records == 0);
            }
        }

        _finished.SetResult();
    }

    private bool Step()
    {
        if (_tick)
        {
            _tick = false;
            Tidy();
        }

        if ((_group = _pending.Take()) is not null)
        {
            var several = _group.Waits > 1;
            _pace.Note(_group.Waits);
            Commit(_group);
            if (several && _pace.IsFast)
            {
                Gather();
            }

            return true;
        }

        if (_stopping)
        {
            SaveCursors();
            OpenFile().CommitRetention();
            return false;
        }

        _work.WaitOne();
        return true;
    }

    private void Commit(CommitGroup group)
    {
        var started = _time.GetTimestamp();
        var file = OpenFile();
        _cursors.CopyUnsavedTo(_unsaved);
        var first = file.Commit(group, _time.GetUtcNow(), _unsaved);

        // The waiters last: what they then see of the journal has their records in it.
        var bytes = group.Bytes;
        _recent.Add(first, group.Count, group.HandOverBuffer(), bytes);
        _arrivals.Reached(file.LastSequence);
        _metrics.Committed(group.Count, _time.GetElapsedTime(started));
        Succeeded();
        Finish(group, new CommitResult(first));
        Checkpoint(file, bytes);
    }

    // Each commit costs the processor some 60 µs and the disk a flush, whether it is of one frame or of a hundred.
    private void Gather()
    {
        // A signal from before may be of what is taken next anyway; a tick and the stop are looked at behind this.
        _work.Reset();
        if (!_stopping && _pending.BeginGathering())
        {
            _work.WaitOne(Gathering);
        }
    }

    private void Checkpoint(JournalFile file, int bytes)
    {
        _checkpointer.Note(bytes);
        if (_checkpointer.WalIsLong)
        {
            file.Checkpoint();
            _checkpointer.Moved();
        }
    }

    private void Tidy()
    {
        SaveCursors();
        if (_state.Error is not null)
        {
            OpenFile().Probe();
            Succeeded();
        }

        // The room first: what is taken away then is only known to be free the next time.
        var file = OpenFile();
        _disk.Check(file.ReusableBytes());

        // A little at a time, so that no frame waits long for it.
        var before = file.Retained;
        if (_retention.Prune(file, _time.GetUtcNow()))
        {
            Tick();
        }

        if (file.Retained != before)
        {
            _recent.Clear();
        }
    }

    private void SaveCursors()
    {
        _cursors.CopyUnsavedTo(_unsaved);
        if (_unsaved.Count > 0)
        {
            OpenFile().Commit(_unsaved);
            Succeeded();
        }
    }

    // After a failure nobody knows what state the old connection is in. A new one knows what is on disk.
    private JournalFile OpenFile()
    {
        if (_file is null)
        {
            _file = JournalFile.Open(_settings.Path, create: false);
            _arrivals.Reached(_file.LastSequence);
        }

        return _file;
    }

    private void Succeeded()
    {
        _cursors.MarkSaved(_unsaved);
        _unsaved.Clear();
        if (_state.Error is not null)
        {
            _state = new CommitterState(null, _time.GetUtcNow());
            _logger.Recovered(_settings.Path);
        }
    }

    private void Fail(Exception failure)
    {
        _file?.Dispose();
        _file = null;
        _recent.Clear();
        _metrics.Failed();
        var isNews = _state.Error is null;
        if (isNews)
        {
            _state = new CommitterState(failure.Message, _time.GetUtcNow());
        }

        var records = _group?.Count ?? 0;
        if (_group is not null)
        {
            Finish(_group, new CommitResult(0, JournalUnavailableReason.Failing, failure));
        }

        // Once, not for each frame of a long night.
        if (isNews)
        {
            _logger.CommitFailed(_settings.Path, records, failure);
        }
    }

    private void Finish(CommitGroup group, CommitResult result)
    {
        _group = null;
        _pending.Done(group);
        Together(() => group.Complete(result));
        group.Dispose();
    }
}

/// <summary>Whether commits fail, and why, and since when they do or don't.</summary>
internal sealed record CommitterState(string? Error, DateTimeOffset Since);
