using Microsoft.Data.Sqlite;

namespace Gateway.Access;

/// <summary>
/// The SQLite file of keys and of the audit record. Another process may write it, too: <c>gateway key add</c> does so whether the gateway runs
/// or not. WAL with synchronous=FULL, or synced by <see cref="AccessStore"/>: what is committed is on disk.
/// </summary>
internal static class AccessFile
{
    private const int Version = 1;

    // Whoever else writes is done in milliseconds.
    private const int BusySeconds = 5;

    private const string Schema =
        """
        CREATE TABLE keys (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, roles TEXT NOT NULL, salt BLOB NOT NULL, hash BLOB NOT NULL,
            created_at INTEGER NOT NULL, created_by TEXT NOT NULL, expires_at INTEGER, revoked_at INTEGER
        ) STRICT;
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, origin TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL,
            result TEXT NOT NULL, status INTEGER, detail TEXT, before TEXT, after TEXT
        ) STRICT;
        CREATE INDEX audit_by_actor ON audit (actor, id);
        CREATE INDEX audit_by_action ON audit (action, id);
        CREATE INDEX audit_by_target ON audit (target, id);
        CREATE TRIGGER audit_is_not_edited BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit record is only appended to'); END;
        PRAGMA user_version = 1;
        """;

    /// <summary>Opens the file, and makes it when it is not there.</summary>
    /// <exception cref="AccessException">It can't be used.</exception>
    public static void Ensure(string path)
    {
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
            {
                Directory.CreateDirectory(folder);
            }

            CreatePrivate(path);
            using var connection = Connect(path, pooled: false);
            Execute(connection, "PRAGMA journal_mode = WAL");
            Execute(connection, "BEGIN IMMEDIATE");
            var version = Scalar(connection, "PRAGMA user_version");
            if (version > Version)
            {
                throw new AccessException($"{path} was written by a newer gateway (version {version}, this one knows {Version}): use that gateway, or another access.path");
            }

            if (version == 0)
            {
                Execute(connection, Schema);
            }

            Execute(connection, "COMMIT");
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new AccessException($"the file of keys {path} can't be used ({e.Message}): mend it, or give access.path another one", e);
        }
    }

    public static SqliteConnection Connect(string path, bool pooled)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = pooled,
            DefaultTimeout = BusySeconds,
        }.ConnectionString);
        connection.Open();
        Execute(connection, "PRAGMA synchronous = FULL");
        return connection;
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    // Its owner alone reads it. SQLite gives the files beside it the same rights.
    private static void CreatePrivate(string path)
    {
        if (File.Exists(path))
        {
            return;
        }

        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var created = new FileStream(path, options);
    }
}
