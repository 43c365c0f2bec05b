using System.Text;
using Microsoft.Data.Sqlite;

namespace Gateway.Access;

/// <summary>The audit record in the file.</summary>
internal static class AuditTable
{
    public static long Insert(SqliteConnection connection, AuditRecord record)
    {
        using var insert = new AuditInsert(connection);
        return insert.Append(record);
    }

    public static IReadOnlyList<AuditRecord> Find(SqliteConnection connection, AuditQuery query)
    {
        using var select = connection.CreateCommand();
        var where = new StringBuilder("id < $id");
        select.Parameters.AddWithValue("$id", query.Before);
        select.Parameters.AddWithValue("$limit", query.Limit);
        void Also(string condition, string name, object? value)
        {
            if (value is not null)
            {
                where.Append(" AND ").Append(condition);
                select.Parameters.AddWithValue(name, value);
            }
        }

        Also("actor = $actor", "$actor", query.Actor);
        Also("action = $action", "$action", query.Action);
        Also("(target = $target OR (target > $target || '/' AND target < $target || '0'))", "$target", query.Target);
        Also("result = $result", "$result", query.Result is { } result ? NameOf(result) : null);
        Also("at >= $since", "$since", query.Since?.ToUnixTimeMilliseconds());
        Also("at < $until", "$until", query.Until?.ToUnixTimeMilliseconds());
        select.CommandText =
            $"SELECT id, at, actor, origin, action, target, result, status, detail, before, after FROM audit WHERE {where} ORDER BY id DESC LIMIT $limit";
        using var row = select.ExecuteReader();
        var records = new List<AuditRecord>();
        while (row.Read())
        {
            records.Add(ReadRow(row));
        }

        return records;
    }

    /// <summary>Forgets what is older than this.</summary>
    public static long Forget(SqliteConnection connection, DateTimeOffset before)
    {
        using var delete = connection.CreateCommand();
        delete.CommandText = "DELETE FROM audit WHERE at < $before";
        delete.Parameters.AddWithValue("$before", before.ToUnixTimeMilliseconds());
        return delete.ExecuteNonQuery();
    }

    /// <summary>A result as it is written.</summary>
    public static string NameOf(AuditResult result) => result.ToString().ToLowerInvariant();

    private static AuditRecord ReadRow(SqliteDataReader row) => new()
    {
        Id = row.GetInt64(0),
        At = KeyTable.Time(row.GetInt64(1)),
        Actor = row.GetString(2),
        Origin = row.GetString(3),
        Action = row.GetString(4),
        Target = row.GetString(5),
        Result = Enum.Parse<AuditResult>(row.GetString(6), ignoreCase: true),
        Status = row.IsDBNull(7) ? null : row.GetInt32(7),
        Detail = Text(row, 8),
        Before = Text(row, 9),
        After = Text(row, 10),
    };

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
