using System.Globalization;
using Gateway.Devices;
using LiteDB;
using LiteDB.Engine;

namespace Gateway.Storage;

/// <summary>
/// The one LiteDB file, and the <see cref="HistoryFile"/> beside it: locked against other processes, opened once, and read and written by one
/// thread (<see cref="LiteDbThread"/>).
/// </summary>
internal sealed class LiteDbStore : IAsyncDisposable
{
    // By default LiteDB takes "a" and "A" for the same key.
    private static readonly Collation Ordinal = new(CultureInfo.InvariantCulture.LCID, CompareOptions.Ordinal);

    private const int MaxFirstCommits = 100;
    private static readonly TimeSpan LongestFirstCommit = TimeSpan.FromSeconds(10);

    private readonly string _path;
    private readonly FileStream _lock;
    private readonly LiteDbLog _pages;
    private readonly LiteDatabase _database;
    private readonly LiteDbThread _thread;

    /// <exception cref="StorageException">The file cannot be opened, is in use, or is damaged.</exception>
    public LiteDbStore(StorageSettings settings, TimeProvider time, ILogger<LiteDbStore> log)
    {
        _path = settings.Path;
        _lock = Lock(settings.Path);
        try
        {
            (_database, _pages, History) = Open(settings, time, log);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }

        _thread = new LiteDbThread(_database, _pages, log);
    }

    /// <summary>The file beside it. Of the store's thread alone: within what is read or written.</summary>
    public HistoryFile History { get; }

    /// <summary>Does the reading on the store's thread, between two groups of writes. Whatever is enumerated must be so within.</summary>
    /// <exception cref="StoreUnavailableException">It could not be done.</exception>
    public async ValueTask<T> ReadAsync<T>(Func<ILiteDatabase, T> read, CancellationToken cancellation) =>
        (T)(await _thread.ReadAsync(database => read(database), cancellation))!;

    /// <summary>The same for who may wait for it: at start.</summary>
    /// <exception cref="StoreUnavailableException">It could not be done.</exception>
    public T Read<T>(Func<ILiteDatabase, T> read) => ReadAsync(read, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    /// <summary>Does the write on the store's thread; completes when it is on disk. Writes are done in the order in which they came.</summary>
    /// <exception cref="StoreUnavailableException">The write could not be done.</exception>
    public async ValueTask<T> WriteAsync<T>(Func<ILiteDatabase, T> write, CancellationToken cancellation) =>
        (T)(await _thread.WriteAsync(database => write(database), cancellation))!;

    /// <summary>Copies the file as it is between two writes, and completes once the copy is on disk. Writes that come meanwhile wait for it.</summary>
    /// <param name="target">The copy, which is not there yet.</param>
    /// <param name="cancellation">Ends the wait for a turn, not the copying.</param>
    /// <exception cref="StoreUnavailableException">It could not be done.</exception>
    public async Task CopyAsync(string target, CancellationToken cancellation) => await _thread.WriteAloneAsync(_ => Copy(target), cancellation);

    // On the store's thread: nothing is written meanwhile, and after the checkpoint all that there is stands in the one file.
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
        await _thread.StopAsync();
        _database.Dispose();
        await _pages.DisposeAsync();
        History.Dispose();
        await _lock.DisposeAsync();
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

    private static (LiteDatabase Database, LiteDbLog Pages, HistoryFile History) Open(StorageSettings settings, TimeProvider time, ILogger log)
    {
        var path = settings.Path;
        LiteDbLog? pages = null;
        LiteDatabase? database = null;
        HistoryFile? history = null;
        try
        {
            Look(settings, time, log);
            pages = new LiteDbLog(path);
            database = Open(path, pages);
            KeepOlderVersion(database, path, log);
            MakeCommitsDurable(database, pages, path);
            history = HistoryFile.Open(path);
            LiteDbSchema.Ensure(database, history);
            return (database, pages, history);
        }
        catch (Exception e)
        {
            history?.Dispose();
            database?.Dispose();
            pages?.Dispose();

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

    /// <summary>Opens a file that has been looked at, with its log.</summary>
    internal static LiteDatabase Open(string path, LiteDbLog pages) =>
        new(new LiteEngine(new EngineSettings { Filename = path, LogStream = pages, Collation = Ordinal }));

    /// <summary>
    /// Makes throw-away commits until one is written by who commits. The first pages after opening are written by a thread of LiteDB, and a commit
    /// returns before that has done; when it has, who commits writes. It takes two commits, or a few if the second comes too early.
    /// </summary>
    /// <exception cref="StorageException">Nothing reaches the disk.</exception>
    internal static void MakeCommitsDurable(LiteDatabase database, LiteDbLog pages, string path)
    {
        // With a context, LiteDB's thread would go on there, and not at once.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            var starts = database.GetCollection("starts");
            for (var step = 1; pages.Writer != Environment.CurrentManagedThreadId; step++)
            {
                var before = pages.Transactions;
                starts.Upsert(new BsonDocument { ["_id"] = 1, ["step"] = step });
                if (step == MaxFirstCommits || !SpinWait.SpinUntil(() => pages.Transactions > before, LongestFirstCommit))
                {
                    throw new StorageException($"the store {path} does not reach the disk: is the disk in order?");
                }
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }

        database.Checkpoint();
    }
}

/// <summary>The store cannot be opened. The message is for the admin.</summary>
internal sealed class StorageException(string message, Exception? inner = null) : Exception(message, inner);
