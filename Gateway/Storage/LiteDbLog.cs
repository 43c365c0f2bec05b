namespace Gateway.Storage;

/// <summary>
/// LiteDB's log, which reaches the disk twice for a transaction: before the page that confirms it, and behind that. LiteDB itself syncs
/// behind each page, a hundred times for a hundred devices, on the disk for which frames wait as well. The pages need no order among
/// themselves: those of a transaction without its confirming page are as good as not there.
/// </summary>
// LiteDB gives whatever it writes to the log to this stream, page by page, and flushes it behind each.
internal sealed class LiteDbLog : Stream
{
    // Where a page of LiteDB's files of version 8 says that its transaction is whole.
    private const int ConfirmedAt = 18;

    private readonly string _path;
    private readonly Stream _file;
    private readonly Action _sync;

    // The first pages are written by a thread of LiteDB, while the thread that opens the store looks at these.
    private volatile bool _isUnsynced;
    private volatile bool _isConfirmed;
    private volatile int _writer;
    private volatile int _transactions;

    /// <summary>Opens the log beside a file of LiteDB, or begins one.</summary>
    /// <exception cref="IOException">It can't be opened.</exception>
    public LiteDbLog(string databasePath)
    {
        _path = PathOf(databasePath);
        var file = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0, FileOptions.RandomAccess);
        (_file, _sync) = (file, () => file.Flush(flushToDisk: true));
    }

    /// <summary>Over another file, for tests.</summary>
    /// <param name="file">What is written and read.</param>
    /// <param name="sync">Brings what was written to the disk.</param>
    public LiteDbLog(Stream file, Action sync) => (_path, _file, _sync) = ("", file, sync);

    /// <summary>Where LiteDB looks for the log of a file.</summary>
    public static string PathOf(string databasePath) =>
        Path.Combine(Path.GetDirectoryName(databasePath) ?? "", $"{Path.GetFileNameWithoutExtension(databasePath)}-log{Path.GetExtension(databasePath)}");

    /// <summary>The thread that wrote the last page, by <see cref="Environment.CurrentManagedThreadId"/>; 0 for none.</summary>
    public int Writer => _writer;

    /// <summary>How many transactions have reached the disk.</summary>
    public int Transactions => _transactions;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => _file.Length;

    public override long Position
    {
        get => _file.Position;
        set => _file.Position = value;
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        _isConfirmed = count <= ConfirmedAt || buffer[offset + ConfirmedAt] != 0;
        if (_isConfirmed)
        {
            Sync();
        }

        _isUnsynced = true;
        _file.Write(buffer, offset, count);
        _writer = Environment.CurrentManagedThreadId;
    }

    /// <summary>Behind a page that confirms a transaction: all that was written is on disk when it returns.</summary>
    public override void Flush()
    {
        if (_isConfirmed && _isUnsynced)
        {
            Sync();
            _transactions++;
        }
    }

    /// <summary>All that was written is on disk when it returns.</summary>
    public void Sync()
    {
        if (_isUnsynced)
        {
            _sync();
            _isUnsynced = false;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => _file.Read(buffer, offset, count);

    public override long Seek(long offset, SeekOrigin origin) => _file.Seek(offset, origin);

    public override void SetLength(long value) => _file.SetLength(value);

    // An empty one is taken away, as LiteDB does it.
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
        {
            return;
        }

        var isEmpty = _file.CanSeek && _file.Length == 0;
        _file.Dispose();
        if (isEmpty && _path.Length > 0)
        {
            File.Delete(_path);
        }

        base.Dispose(disposing);
    }
}
