using System.Globalization;
using System.Threading.Channels;
using Gateway.Devices;
using LiteDB;

namespace Gateway.Storage;

/// <summary>
/// The one LiteDB file: opened once, written by one thread, with as many writes in a transaction as have gathered.
/// LiteDB is slower with several writers than with one, deadlocks when a transaction is held across an await,
/// and reaches the disk once a changed page; all three say: one writer, in groups (docs/decisions.md).
/// </summary>
internal sealed class LiteDbStore : IAsyncDisposable
{
    private const int MaxGroup = 256;
    private const int MaxWaiting = 100_000;

    // By default LiteDB takes "a" and "A" for the same key.
    private static readonly Collation Ordinal = new(CultureInfo.InvariantCulture.LCID, CompareOptions.Ordinal);

    private readonly string _path;
    private readonly FileStream _lock;
    private readonly LiteDatabase _database;
    private readonly ILogger<LiteDbStore> _log;
    private readonly Channel<Write> _waiting = Channel.CreateBounded<Write>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly Thread _writer;

    /// <exception cref="StorageException">The file cannot be opened, is in use, or is damaged.</exception>
    public LiteDbStore(StorageSettings settings, TimeProvider time, ILogger<LiteDbStore> log)
    {
        (_log, _path) = (log, settings.Path);
        _lock = Lock(settings.Path);
        try
        {
            _database = Open(settings, time, log);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }

        _writer = new Thread(WriteGroups) { Name = "LiteDB writer", IsBackground = true };
        _writer.Start();
    }

    /// <summary>For reading, from any thread.</summary>
    public ILiteDatabase Database => _database;

    /// <summary>Does the write on the writer's thread; completes when it is on disk. Writes are done in the order in which they came.</summary>
    /// <exception cref="StoreUnavailableException">The write could not be done.</exception>
    public async ValueTask<T> WriteAsync<T>(Func<ILiteDatabase, T> write, CancellationToken cancellation) =>
        (T)(await QueueAsync(new Write(database => write(database)), cancellation))!;

    /// <summary>Copies the file as it is between two writes, and completes once the copy is on disk. Writes that come meanwhile wait for it.</summary>
    /// <param name="target">The copy, which is not there yet.</param>
    /// <param name="cancellation">Ends the wait for a turn, not the copying.</param>
    /// <exception cref="StoreUnavailableException">It could not be done.</exception>
    public async Task CopyAsync(string target, CancellationToken cancellation) => await QueueAsync(new Write(_ => Copy(target)) { IsAlone = true }, cancellation);

    private async Task<object?> QueueAsync(Write write, CancellationToken cancellation)
    {
        if (!await _waiting.Writer.WaitToWriteAsync(cancellation))
        {
            throw new StoreUnavailableException("the store is closed");
        }

        await _waiting.Writer.WriteAsync(write, cancellation);
        return await write.Done.Task;
    }

    // On the writer's thread: nothing is written meanwhile, and after the checkpoint all that there is stands in the one file.
    private string Copy(string target)
    {
        _database.Checkpoint();
        CopyFile(_path, target);
        return target;
    }

    private static void CopyFile(string path, string target)
    {
        using var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var copy = new FileStream(target, FileMode.Create, FileAccess.Write);
        source.CopyTo(copy);
        copy.Flush(flushToDisk: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_waiting.Writer.TryComplete())
        {
            await Task.Run(_writer.Join);
            _database.Dispose();
            await _lock.DisposeAsync();
        }
    }

    // LiteDB itself lets two processes write to one file, which destroys it.
    internal static FileStream Lock(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"cannot open the store {path}: {e.Message} If another gateway uses it, stop that one, or give this one another storage.path", e);
        }
    }

    private static LiteDatabase Open(StorageSettings settings, TimeProvider time, ILogger log)
    {
        var path = settings.Path;
        LiteDatabase? database = null;
        try
        {
            Look(settings, time, log);
            database = new LiteDatabase(new ConnectionString { Filename = path, Connection = ConnectionType.Direct, Collation = Ordinal });
            KeepOlderVersion(database, path, log);
            MakeFirstCommitsDurable(database);
            LiteDbSchema.Ensure(database);
            return database;
        }
        catch (Exception e)
        {
            database?.Dispose();

            // What LiteDB throws at a damaged file depends on the bytes that it happens to read.
            throw e as StorageException ?? LiteDbCheck.Damaged(path, $"it cannot be opened: {e.Message}", e);
        }
    }

    // Opening for writing moves pages about; on damaged ones, and on those of a newer version, nothing is to be moved.
    private static void Look(StorageSettings settings, TimeProvider time, ILogger log)
    {
        if (!File.Exists(settings.Path))
        {
            return;
        }

        using var database = LiteDbCheck.OpenToLook(settings.Path);
        LiteDbSchema.Check(database, settings.Path);
        if (settings.CheckSeconds > 0 && !LiteDbCheck.Run(database, settings.Path, TimeSpan.FromSeconds(settings.CheckSeconds), time))
        {
            log.CheckUnfinished(settings.Path, settings.CheckSeconds);
        }
    }

    // What is about to be rewritten is kept beside: the gateway of before can still read that.
    private static void KeepOlderVersion(LiteDatabase database, string path, ILogger log)
    {
        if (LiteDbSchema.VersionOf(database) is > 0 and < LiteDbSchema.Version and var version)
        {
            database.Checkpoint();
            var copy = string.Create(CultureInfo.InvariantCulture, $"{path}.v{version}");
            CopyFile(path, copy);
            log.Migrating(path, version, LiteDbSchema.Version, copy);
        }
    }

    // The first commit after opening returns before it is on disk. A throw-away one takes that place; the second waits for it.
    private static void MakeFirstCommitsDurable(LiteDatabase database)
    {
        var starts = database.GetCollection("starts");
        starts.Upsert(new BsonDocument { ["_id"] = 1, ["step"] = 1 });
        starts.Upsert(new BsonDocument { ["_id"] = 1, ["step"] = 2 });
        database.Checkpoint();
    }

    private void WriteGroups()
    {
        var group = new List<Write>(MaxGroup);
        while (NextGroup(group))
        {
            if (group[0].IsAlone)
            {
                RunAlone(group[0]);
            }
            else if (!Commit(group) && group.Count > 1)
            {
                // One bad write must not take the others with it. One that was alone has its answer.
                group.ForEach(write => Commit([write]));
            }

            group.Clear();
        }
    }

    private bool NextGroup(List<Write> group)
    {
        var ready = _waiting.Reader.WaitToReadAsync();
        if (!(ready.IsCompleted ? ready.Result : ready.AsTask().GetAwaiter().GetResult()))
        {
            return false;
        }

        while (group.Count < MaxGroup && _waiting.Reader.TryPeek(out var next) && !(next.IsAlone && group.Count > 0) && _waiting.Reader.TryRead(out var write))
        {
            group.Add(write);
            if (write.IsAlone)
            {
                break;
            }
        }

        return true;
    }

    private void RunAlone(Write write)
    {
        try
        {
            write.Done.SetResult(write.Do(_database));
        }
        catch (Exception e)
        {
            write.Done.SetException(new StoreUnavailableException($"the store could not be copied: {e.Message}", e));
        }
    }

    private bool Commit(List<Write> group)
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

    private void Abandon(List<Write> group, Exception why)
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

    private sealed class Write(Func<ILiteDatabase, object?> @do)
    {
        public Func<ILiteDatabase, object?> Do { get; } = @do;

        /// <summary>Whether it is done by itself and outside of a transaction.</summary>
        public bool IsAlone { get; init; }

        public TaskCompletionSource<object?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>The store cannot be opened. The message is for the admin.</summary>
internal sealed class StorageException(string message, Exception? inner = null) : Exception(message, inner);
