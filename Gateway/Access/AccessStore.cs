using System.Threading.Channels;
using Gateway.Journal;
using Microsoft.Data.Sqlite;

namespace Gateway.Access;

/// <summary>
/// Reads and writes <see cref="AccessFile"/>. One thread writes, as many writes in a transaction as have gathered, so that a thousand commands
/// a second do not cost a thousand syncs of the disk that the journal needs as well.
/// </summary>
internal sealed class AccessStore : IAsyncDisposable
{
    private const int MaxGroup = 256;
    private const int MaxWaiting = 10_000;

    // After a group of several the next one gathers for so long. Who writes alone, or one thing after the other, waits for the disk only.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(10);

    private readonly string _path;
    private readonly Channel<Write> _waiting = Channel.CreateBounded<Write>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly ManualResetEvent _closing = new(false);
    private readonly Thread _writer;

    // Of the writer's thread alone. Taken anew after a failure.
    private AccessWriter? _file;

    /// <exception cref="AccessException">The file can't be used.</exception>
    public AccessStore(AccessSettings settings)
    {
        _path = settings.Path;
        AccessFile.Ensure(_path);
        _writer = new Thread(WriteGroups) { Name = "audit writer", IsBackground = true };
        _writer.Start();
    }

    /// <summary>Reads, on the caller's thread.</summary>
    public T Read<T>(Func<SqliteConnection, T> read)
    {
        using var connection = AccessFile.Connect(_path, pooled: true);
        return read(connection);
    }

    /// <summary>Changes whenever the file was written, by whomever. One caller at a time, always with the same connection.</summary>
    public SqliteConnection Watch() => AccessFile.Connect(_path, pooled: false);

    /// <summary>Does the write on the writer's thread; completes when it is on disk.</summary>
    /// <exception cref="AccessUnavailableException">It could not be done.</exception>
    public async ValueTask<T> WriteAsync<T>(Func<SqliteConnection, T> write, CancellationToken cancellation) =>
        (T)(await DoAsync(new Write(file => write(file.Connection)), cancellation))!;

    /// <summary>Appends to the audit record; gives the record's id when it is on disk.</summary>
    /// <exception cref="AccessUnavailableException">It could not be done.</exception>
    public async ValueTask<long> AppendAsync(AuditRecord record) => (long)(await DoAsync(new Write(file => file.Audit.Append(record)), CancellationToken.None))!;

    public ValueTask DisposeAsync()
    {
        if (_waiting.Writer.TryComplete())
        {
            _closing.Set();
            _writer.Join();
            _closing.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private async ValueTask<object?> DoAsync(Write item, CancellationToken cancellation)
    {
        try
        {
            await _waiting.Writer.WriteAsync(item, cancellation);
        }
        catch (ChannelClosedException e)
        {
            throw new AccessUnavailableException("the file of keys is closed", e);
        }

        return await item.Done.Task;
    }

    private void WriteGroups()
    {
        var group = new List<Write>(MaxGroup);
        while (_waiting.Reader.WaitToRead())
        {
            while (group.Count < MaxGroup && _waiting.Reader.TryRead(out var write))
            {
                group.Add(write);
            }

            WriteGroup(group);
            if (group.Count > 1)
            {
                _closing.WaitOne(Gathering);
            }

            group.Clear();
        }

        Disconnect();
    }

    // A write that fails takes itself back and no other; when the end fails, none has been done.
    private void WriteGroup(List<Write> group)
    {
        try
        {
            _file ??= new AccessWriter(_path);
            _file.InTransaction(group, static (write, file) => write.TryDo(file));
        }
        catch (Exception e)
        {
            Disconnect();
            group.ForEach(write => write.Fail(e));
            return;
        }

        group.ForEach(write => write.Complete());
    }

    private void Disconnect()
    {
        _file?.Dispose();
        _file = null;
    }

    private sealed class Write(Func<AccessWriter, object?> action)
    {
        private object? _result;
        private Exception? _error;

        public TaskCompletionSource<object?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool TryDo(AccessWriter file)
        {
            try
            {
                _result = action(file);
            }
            catch (Exception e)
            {
                _error = e;
            }

            return _error is null;
        }

        public void Fail(Exception error) => Done.TrySetException(new AccessUnavailableException($"the file of keys can't be written: {error.Message}", error));

        public void Complete()
        {
            if (_error is SqliteException or IOException)
            {
                Fail(_error);
            }
            else if (_error is not null)
            {
                Done.TrySetException(_error);
            }
            else
            {
                Done.TrySetResult(_result);
            }
        }
    }
}
