using Gateway.Journal;
using Microsoft.Data.Sqlite;

namespace Gateway.Access;

/// <summary>Appends records to the audit record through one connection: the statement is made once, which costs more than running it.</summary>
internal sealed class AuditInsert(SqliteConnection connection) : IDisposable
{
    private readonly SqliteStatement _insert = new(
        connection,
        """
        INSERT INTO audit (at, actor, origin, action, target, result, status, detail, before, after)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) RETURNING id
        """);

    /// <summary>Appends a record within the caller's transaction, and gives its id.</summary>
    public long Append(AuditRecord record)
    {
        try
        {
            _insert.Bind(1, record.At.ToUnixTimeMilliseconds()).Bind(2, record.Actor).Bind(3, record.Origin).Bind(4, record.Action)
                .Bind(5, record.Target).Bind(6, AuditTable.NameOf(record.Result));
            if (record.Status is { } status)
            {
                _insert.Bind(7, status);
            }

            Bind(8, record.Detail);
            Bind(9, record.Before);
            Bind(10, record.After);
            _insert.Step();
            return _insert.Int64(0);
        }
        finally
        {
            _insert.Reset();
        }
    }

    public void Dispose() => _insert.Dispose();

    // What is not bound is NULL.
    private void Bind(int index, string? text)
    {
        if (text is not null)
        {
            _insert.Bind(index, text);
        }
    }
}
