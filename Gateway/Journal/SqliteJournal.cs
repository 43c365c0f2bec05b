using System.Collections.Concurrent;

namespace Gateway.Journal;

/// <summary>
/// The journal in an SQLite file: a row for each group of records that were committed together. Start it before anything that
/// appends or reads, and stop it after.
/// </summary>
internal sealed class SqliteJournal : IJournal, IHostedService, IAsyncDisposable
{
    private readonly DiskWatch _disk;
    private readonly TimeProvider _time;
    private readonly JournalMetrics _metrics;
    private readonly ILogger<SqliteJournal> _logger;

    // Both are replaced as a whole by any thread, and read by the committer.
    private volatile JournalSettings _settings;
    private volatile IReadOnlyCollection<string> _activeCursors;

    private readonly PendingGroups _pending;
    private readonly CursorTable _cursors = new();
    private readonly Arrivals _arrivals = new();

    // Some tenths of a second at full load. A reader that is further behind reads the file.
    private readonly RecentGroups _recent = new(16 * 1024 * 1024);
    private readonly DamageLedger _damage;
    private readonly ConcurrentBag<JournalReader> _idleReaders = [];
    private volatile RetentionKeeper? _retention;
    private volatile Committer? _committer;

    // Being full is said once, and again when it was over in between.
    private volatile bool _saidFull;

    /// <param name="settings">The section of gateway.json, its path made absolute.</param>
    /// <param name="activeCursors">The readers that records are kept for until they have them. Any other cursor holds nothing.</param>
    /// <param name="time">The clock.</param>
    /// <param name="metrics">The meter.</param>
    /// <param name="logger">The log.</param>
    /// <param name="freeBytes">How much room the disk of a file has; without it, the disk is asked.</param>
    public SqliteJournal(
        JournalSettings settings, IEnumerable<string> activeCursors, TimeProvider time, JournalMetrics metrics, ILogger<SqliteJournal> logger,
        Func<string, long>? freeBytes = null)
    {
        (_settings, _time, _metrics, _logger) = (settings, time, metrics, logger);
        _activeCursors = activeCursors.ToArray();
        _pending = new PendingGroups(settings.MaxPending, time);
        _damage = new DamageLedger(metrics, logger);
        _disk = new DiskWatch(() => _settings, freeBytes ?? DiskWatch.FreeBytesOf, time, logger);
        metrics.ObservePending(() => _pending.Records);
        metrics.ObserveBytes(() => _retention?.Report.Bytes ?? default);
    }

    public string Id { get; private set; } = "";

    /// <summary>Readers that records are kept for whatever <see cref="KeepFor"/> says: the gateway's own. Set before the start.</summary>
    public IReadOnlyCollection<string> AlwaysKeepFor { get; init; } = [];

    /// <summary>
    /// What is done around the telling of those whose frames a commit has made safe: here their answers can be gathered, to go out together.
    /// Set before the start.
    /// </summary>
    public Action<Action> Together { get; init; } = tell => tell();

    public long LastSequence => _arrivals.LastSequence;

    public JournalHealth Health => _committer?.State switch
    {
        null => Report(JournalState.Closed, new CommitterState(null, _time.GetUtcNow())),
        { Error: null } when _disk.Shortage is { } shortage => Report(JournalState.Failing, new CommitterState(shortage.Problem, shortage.Since)),
        { Error: null } state => Report(JournalState.Running, state),
        { } state => Report(JournalState.Failing, state),
    };

    /// <summary>From now on this is how much is kept, and how much room the disk must have. Where the file is stays.</summary>
    public void Use(JournalSettings settings) => _settings = settings with { Path = _settings.Path };

    /// <exception cref="JournalFileException">The file can't be used.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_committer is not null)
        {
            throw new InvalidOperationException("the journal is open already");
        }

        new WalMender(_settings.Path, _time, _logger).Mend();
        CheckIntegrity();
        var file = JournalFile.Open(_settings.Path, create: true);
        Id = file.Id;
        _cursors.Load(file.ReadCursors());
        _arrivals.Reached(file.LastSequence);
        if (file.CutOff > 0)
        {
            _damage.ReportCutOff(LastSequence - file.CutOff + 1, file.CutOff);
        }

        _disk.Check(file.ReusableBytes());
        _retention = new RetentionKeeper(() => _settings, () => [.. _activeCursors, .. AlwaysKeepFor], _cursors, _time.GetUtcNow(), _metrics, _logger);
        _committer = new Committer(_settings, _retention, _disk, file, _pending, _cursors, _arrivals, _recent, _time, _metrics, _logger) { Together = Together };
        _committer.Start();
        _pending.Open();
        _logger.Opened(_settings.Path, LastSequence);
        return Task.CompletedTask;
    }

    /// <summary>Takes no more records, writes those that wait, and closes the file.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _pending.Close();
        if (Interlocked.Exchange(ref _committer, null) is not { } committer)
        {
            return;
        }

        await committer.StopAsync().WaitAsync(cancellationToken);
        CloseIdleReaders();
        committer.Dispose();
        _logger.Closed(_settings.Path, LastSequence);
    }

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    public ValueTask<long> AppendAsync(JournalRecord record, CancellationToken cancellation) => AppendAsync(new ReadOnlySpan<JournalRecord>(in record), cancellation);

    public ValueTask<long> AppendAsync(ReadOnlySpan<JournalRecord> records, CancellationToken cancellation)
    {
        if (ShortageNow(records) is { } shortage)
        {
            return ValueTask.FromException<long>(shortage);
        }

        if (_pending.TryAdd(records, out PlaceInGroup place, out var wake) is { } refused)
        {
            return ValueTask.FromException<long>(Refusal(refused));
        }

        WakeIf(wake);
        return place.SequenceAsync(cancellation);
    }

    public ValueTask<long> AppendFrameAsync(ReadOnlySpan<JournalRecord> records)
    {
        if (ShortageNow(records) is { } shortage)
        {
            return ValueTask.FromException<long>(shortage);
        }

        if (_pending.TryAdd(records, out CommitWait? wait, out var wake) is { } refused)
        {
            return ValueTask.FromException<long>(Refusal(refused));
        }

        WakeIf(wake);
        return wait!.Sequence;
    }

    public IReadOnlyList<JournalRecord> Read(long afterSequence, int maxRecords) => Read(afterSequence, maxRecords, memory: null);

    public IReadOnlyList<JournalRecord> Read(long afterSequence, int maxRecords, RecordMemory? memory) =>
        ReadRecent(afterSequence, maxRecords, memory) is { Count: > 0 } recent ? recent : Look(reader => reader.Read(afterSequence, maxRecords, memory));

    public long LastBefore(DateTimeOffset instant) => Look(reader => reader.LastBefore(instant));

    public Task WaitForRecordsAsync(long afterSequence, CancellationToken cancellation) => _arrivals.WaitAsync(afterSequence, cancellation);

    public long Cursor(string name) => _cursors.Of(name);

    public void Advance(string name, long sequence) => _cursors.Advance(name, sequence);

    public void KeepFor(IReadOnlyCollection<string> cursors) => _activeCursors = cursors;

    private JournalUnavailableException? ShortageNow(ReadOnlySpan<JournalRecord> records)
    {
        RecordRules.Check(records);
        return _disk.Shortage is { } shortage ? new JournalUnavailableException(JournalUnavailableReason.NoRoom, shortage.Problem) : null;
    }

    private void WakeIf(bool wake)
    {
        if (wake)
        {
            _saidFull = false;
            _committer?.Wake();
        }
    }

    private List<JournalRecord> ReadRecent(long afterSequence, int maxRecords, RecordMemory? memory)
    {
        if (_committer is null)
        {
            return [];
        }

        var groups = _recent.Take(afterSequence + 1, maxRecords);
        try
        {
            return JournalReader.Read(groups, afterSequence, maxRecords, memory, _damage.Report);
        }
        finally
        {
            _recent.GiveBack(groups);
        }
    }

    // One thread at a time has a reader; it is kept for the next one.
    private T Look<T>(Func<JournalReader, T> look)
    {
        if (_committer is null)
        {
            throw Refusal(JournalUnavailableReason.Closed);
        }

        if (!_idleReaders.TryTake(out var reader))
        {
            reader = new JournalReader(_settings.Path, _damage.Report);
        }

        try
        {
            var seen = look(reader);
            _idleReaders.Add(reader);
            return seen;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
        finally
        {
            if (_committer is null)
            {
                CloseIdleReaders();
            }
        }
    }

    // Before anything is written: on damaged pages, each commit could damage more.
    private void CheckIntegrity()
    {
        if (_settings.CheckSeconds == 0 || !File.Exists(_settings.Path))
        {
            return;
        }

        var report = JournalIntegrity.Check(_settings.Path, TimeSpan.FromSeconds(_settings.CheckSeconds), _time);
        if (report.Problems.Count > 0)
        {
            throw new JournalFileException(
                $"the journal {_settings.Path} is damaged: {report.Problems[0]}. Nothing in it has been changed. Copy it and the -wal file beside it to a safe place, save what can be read with \"gateway journal export\", then put a backup in its place or move it away to begin a new one (docs/journal.md)");
        }

        if (!report.IsWhole)
        {
            _logger.CheckUnfinished(_settings.Path, _settings.CheckSeconds);
        }
    }

    private JournalUnavailableException Refusal(JournalUnavailableReason reason)
    {
        if (reason is not JournalUnavailableReason.Full)
        {
            return new JournalUnavailableException(reason, $"the journal {_settings.Path} is not open");
        }

        if (!_saidFull)
        {
            _saidFull = true;
            _logger.Full(_settings.Path, _pending.Records);
        }

        return new JournalUnavailableException(reason, $"the journal {_settings.Path} is full: {_pending.Records} frames wait for the disk (journal.max_pending)");
    }

    private void CloseIdleReaders()
    {
        while (_idleReaders.TryTake(out var reader))
        {
            reader.Dispose();
        }
    }

    private JournalHealth Report(JournalState state, CommitterState committer) =>
        new(state, committer.Error, committer.Since, LastSequence, _pending.Records, _damage.Records, _retention?.Report.Held);
}
