using Gateway.Journal;
using Microsoft.Data.Sqlite;

namespace Gateway.Access;

/// <summary>The one connection that the gateway writes <see cref="AccessFile"/> through. What each write needs is prepared once. Of one thread alone.</summary>
internal sealed class AccessWriter : IDisposable
{
    private readonly WalSync? _sync;
    private readonly SqliteStatement _mark;
    private readonly SqliteStatement _keep;
    private readonly SqliteStatement _undo;

    public AccessWriter(string path)
    {
        Connection = AccessFile.Connect(path, pooled: false);
        try
        {
            _sync = WalSync.Of(Connection, path);
            _mark = new SqliteStatement(Connection, "SAVEPOINT one");
            _keep = new SqliteStatement(Connection, "RELEASE one");
            _undo = new SqliteStatement(Connection, "ROLLBACK TO one");
            Audit = new AuditInsert(Connection);
        }
        catch
        {
            Connection.Dispose();
            throw;
        }
    }

    public SqliteConnection Connection { get; }

    public AuditInsert Audit { get; }

    /// <summary>Does the writes in one transaction, which is on disk when this returns. What a failed one has done is taken back, and nothing else.</summary>
    /// <param name="writes">The writes.</param>
    /// <param name="tryDo">Does one; false when it has failed.</param>
    public void InTransaction<T>(IReadOnlyList<T> writes, Func<T, AccessWriter, bool> tryDo)
    {
        using var transaction = Connection.BeginTransaction(deferred: false);
        foreach (var write in writes)
        {
            _mark.Execute();
            if (!tryDo(write, this))
            {
                _undo.Execute();
            }

            _keep.Execute();
        }

        transaction.Commit();
        _sync?.Sync();
    }

    public void Dispose()
    {
        Audit.Dispose();
        _undo.Dispose();
        _keep.Dispose();
        _mark.Dispose();
        _sync?.Dispose();
        Connection.Dispose();
    }
}
