using System.Threading.Channels;
using Gateway.Devices;
using Gateway.Journal;
using LiteDB;

namespace Gateway.Storage;

/// <summary>
/// The one thread that touches the LiteDB file: in turn what is to be read and, in one transaction, what is to be written, of each as much as has gathered.
/// LiteDB is slower with several writers than with one, and deadlocks when a transaction is held across an await. And who reads beside others
/// may be given a page that its cache is just giving to somebody else (its issue 2817): such a read fails and never lets go of its lock, or it
/// gets what it did not ask for. All of it says: one thread, in groups (docs/decisions.md).
/// </summary>
internal sealed class LiteDbThread
{
    private const int MaxGroup = 256;
    private const int MaxWaiting = 100_000;

    private readonly LiteDatabase _database;
    private readonly LiteDbLog _pages;
    private readonly ILogger<LiteDbStore> _log;
    private readonly Channel<Work> _reads = Channel.CreateBounded<Work>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly Channel<Work> _writes = Channel.CreateBounded<Work>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Thread _thread;

    public LiteDbThread(LiteDatabase database, LiteDbLog pages, ILogger<LiteDbStore> log)
    {
        (_database, _pages, _log) = (database, pages, log);
        _thread = new Thread(Run) { Name = "LiteDB", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Reads, before the next group of writes.</summary>
    /// <exception cref="StoreUnavailableException">It could not be done.</exception>
    public async ValueTask<object?> ReadAsync(Func<ILiteDatabase, object?> read, CancellationToken cancellation) =>
        await (await QueueAsync(_reads, new Work(read), cancellation)).WaitAsync(cancellation);

    /// <summary>Writes, with others in one transaction; completes when all of it is on disk.</summary>
    /// <param name="write">What to do.</param>
    /// <param name="cancellation">Ends the wait for a place in the queue, not that for the disk.</param>
    /// <exception cref="StoreUnavailableException">It could not be done.</exception>
    public async ValueTask<object?> WriteAsync(Func<ILiteDatabase, object?> write, CancellationToken cancellation) =>
        await await QueueAsync(_writes, new Work(write), cancellation);

    /// <summary>The same, by itself and outside of a transaction.</summary>
    /// <exception cref="StoreUnavailableException">It could not be done.</exception>
    public async ValueTask<object?> WriteAloneAsync(Func<ILiteDatabase, object?> write, CancellationToken cancellation) =>
        await await QueueAsync(_writes, new Work(write) { IsAlone = true }, cancellation);

    /// <summary>Takes no more, does what waits, and ends.</summary>
    public async Task StopAsync()
    {
        // What was taken before the queues closed is found by the last look at them.
        _reads.Writer.TryComplete();
        _writes.Writer.TryComplete();
        _signals.Writer.TryComplete();
        await Task.Run(_thread.Join);
    }

    private async ValueTask<Task<object?>> QueueAsync(Channel<Work> queue, Work work, CancellationToken cancellation)
    {
        try
        {
            await queue.Writer.WriteAsync(work, cancellation);
        }
        catch (ChannelClosedException)
        {
            throw new StoreUnavailableException("the store is closed");
        }

        _signals.Writer.TryWrite(true);
        return work.Done.Task;
    }

    private void Run()
    {
        var group = new List<Work>(MaxGroup);
        bool isOpen;
        do
        {
            isOpen = AwaitSignal();
            while (TryRead() | TryWrite(group))
            {
                // Until there is nothing left of either.
            }
        }
        while (isOpen);
    }

    private bool AwaitSignal()
    {
        var isOpen = _signals.Reader.WaitToRead();
        _signals.Reader.TryRead(out _);
        return isOpen;
    }

    private bool TryRead()
    {
        // So many at once, or writes would wait for an end of reading that may not come.
        var done = 0;
        for (; done < MaxGroup && _reads.Reader.TryRead(out var read); done++)
        {
            RunAlone(read, "read");
        }

        return done > 0;
    }

    private bool TryWrite(List<Work> group)
    {
        while (group.Count < MaxGroup && _writes.Reader.TryPeek(out var next) && !(next.IsAlone && group.Count > 0) && _writes.Reader.TryRead(out var write))
        {
            group.Add(write);
            if (write.IsAlone)
            {
                break;
            }
        }

        if (group.Count == 0)
        {
            return false;
        }

        if (group[0].IsAlone)
        {
            RunAlone(group[0], "copied");
        }
        else if (!Commit(group) && group.Count > 1)
        {
            // One bad write must not take the others with it. One that was alone has its answer.
            group.ForEach(write => Commit([write]));
        }

        group.Clear();
        return true;
    }

    private void RunAlone(Work work, string verb)
    {
        try
        {
            work.Done.SetResult(work.Do(_database));
        }
        catch (Exception e)
        {
            work.Done.SetException(new StoreUnavailableException($"the store could not be {verb}: {e.Message}", e));
        }
    }

    private bool Commit(List<Work> group)
    {
        try
        {
            var results = new object?[group.Count];
            _database.BeginTrans();
            for (var i = 0; i < group.Count; i++)
            {
                results[i] = group[i].Do(_database);
            }

            _database.Commit();
            _pages.Sync();
            for (var i = 0; i < group.Count; i++)
            {
                group[i].Done.SetResult(results[i]);
            }

            return true;
        }
        catch (Exception e)
        {
            Abandon(group, e);
            return false;
        }
    }

    private void Abandon(List<Work> group, Exception why)
    {
        try
        {
            _database.Rollback();
        }
        catch (LiteException e)
        {
            _log.RollbackFailed(e);
        }

        if (group.Count == 1)
        {
            _log.WriteFailed(why);
            group[0].Done.SetException(new StoreUnavailableException($"the store could not be written: {why.Message}", why));
        }
    }

    private sealed class Work(Func<ILiteDatabase, object?> @do)
    {
        public Func<ILiteDatabase, object?> Do { get; } = @do;

        /// <summary>Whether it is done by itself and outside of a transaction.</summary>
        public bool IsAlone { get; init; }

        public TaskCompletionSource<object?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
