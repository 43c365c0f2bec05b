using Microsoft.Data.Sqlite;

namespace Gateway.Access;

/// <summary>The keys in the file.</summary>
internal static class KeyTable
{
    public static IReadOnlyList<ApiKey> All(SqliteConnection connection)
    {
        using var select = connection.CreateCommand();
        select.CommandText = "SELECT id, name, roles, salt, hash, created_at, created_by, expires_at, revoked_at FROM keys ORDER BY created_at, id";
        using var row = select.ExecuteReader();
        var keys = new List<ApiKey>();
        while (row.Read())
        {
            keys.Add(new ApiKey
            {
                Id = new KeyId(row.GetString(0)),
                Name = row.GetString(1),
                Roles = [.. row.GetString(2).Split(' ').Where(name => Roles.TryParse(name, out _)).Select(name => Roles.TryParse(name, out var role) ? role : default)],
                Hash = new KeyHash([.. row.GetFieldValue<byte[]>(3)], [.. row.GetFieldValue<byte[]>(4)]),
                CreatedAt = Time(row.GetInt64(5)),
                CreatedBy = row.GetString(6),
                ExpiresAt = row.IsDBNull(7) ? null : Time(row.GetInt64(7)),
                RevokedAt = row.IsDBNull(8) ? null : Time(row.GetInt64(8)),
            });
        }

        return keys;
    }

    public static void Insert(SqliteConnection connection, ApiKey key)
    {
        using var insert = connection.CreateCommand();
        insert.CommandText =
            "INSERT INTO keys (id, name, roles, salt, hash, created_at, created_by, expires_at) VALUES ($id, $name, $roles, $salt, $hash, $created_at, $created_by, $expires_at)";
        insert.Parameters.AddWithValue("$id", key.Id.Value);
        insert.Parameters.AddWithValue("$name", key.Name);
        insert.Parameters.AddWithValue("$roles", string.Join(' ', key.Roles.Select(role => role.Name())));
        insert.Parameters.AddWithValue("$salt", key.Hash.Salt.ToArray());
        insert.Parameters.AddWithValue("$hash", key.Hash.Hash.ToArray());
        insert.Parameters.AddWithValue("$created_at", key.CreatedAt.ToUnixTimeMilliseconds());
        insert.Parameters.AddWithValue("$created_by", key.CreatedBy);
        insert.Parameters.AddWithValue("$expires_at", key.ExpiresAt is { } expiry ? expiry.ToUnixTimeMilliseconds() : DBNull.Value);
        insert.ExecuteNonQuery();
    }

    public static void Revoke(SqliteConnection connection, KeyId id, DateTimeOffset now)
    {
        using var update = connection.CreateCommand();
        update.CommandText = "UPDATE keys SET revoked_at = $now WHERE id = $id AND revoked_at IS NULL";
        update.Parameters.AddWithValue("$now", now.ToUnixTimeMilliseconds());
        update.Parameters.AddWithValue("$id", id.Value);
        update.ExecuteNonQuery();
    }

    /// <summary>Forgets the keys that have been of no use for longest, so that no more than this many are kept; never one that can be used.</summary>
    public static void Forget(SqliteConnection connection, int keep, DateTimeOffset now)
    {
        using var delete = connection.CreateCommand();
        delete.CommandText =
            """
            DELETE FROM keys WHERE id IN (
                SELECT id FROM keys WHERE revoked_at IS NOT NULL OR expires_at <= $now
                ORDER BY coalesce(revoked_at, expires_at) LIMIT max(0, (SELECT count(*) FROM keys) - $keep))
            """;
        delete.Parameters.AddWithValue("$now", now.ToUnixTimeMilliseconds());
        delete.Parameters.AddWithValue("$keep", keep);
        delete.ExecuteNonQuery();
    }

    public static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
