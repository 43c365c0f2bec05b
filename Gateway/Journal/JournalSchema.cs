using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Gateway.Journal;

/// <summary>The tables of the journal's file, and their version. Anyone may look inside with the sqlite3 tool.</summary>
internal static class JournalSchema
{
    public const long Version = 1;

    // The columns that are looked at without the body come before it: SQLite then leaves the body's pages alone.
    private const string Tables =
        """
        BEGIN IMMEDIATE;
        CREATE TABLE groups (
            first_sequence INTEGER PRIMARY KEY,
            count INTEGER NOT NULL,
            committed_at INTEGER NOT NULL, -- milliseconds since 1970-01-01 UTC
            body BLOB NOT NULL);
        CREATE TABLE cursors (name TEXT PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE meta (version INTEGER NOT NULL);
        INSERT INTO meta VALUES (1);
        COMMIT;
        """;

    /// <summary>
    /// WAL, synced at each commit: without FULL a commit in WAL mode is only safe from a crash of the program, not of the machine.
    /// Checkpoints are <see cref="WalCheckpointer"/>'s business.
    /// </summary>
    public static void UseWal(SqliteConnection connection, string path)
    {
        using (var command = connection.CreateCommand())
        {
            command.CommandText = "PRAGMA journal_mode = WAL";
            if (command.ExecuteScalar() is not "wal")
            {
                throw new JournalFileException($"the journal {path} is in a place where SQLite can't keep a WAL, such as a network share: name a file on a local disk in journal.path");
            }
        }

        Run(connection, "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;");
    }

    /// <summary>Makes the tables in an empty file, and refuses one that this gateway does not understand.</summary>
    public static void Ensure(SqliteConnection connection, string path)
    {
        if (Scalar(connection, "SELECT count(*) FROM sqlite_schema") == 0)
        {
            Run(connection, Tables);
            return;
        }

        if (Scalar(connection, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('meta', 'groups', 'cursors')") != 3)
        {
            throw new JournalFileException($"{path} is an SQLite database, but no journal of this gateway: name another file in journal.path");
        }

        var version = Scalar(connection, "SELECT max(version) FROM meta");
        if (version != Version)
        {
            throw new JournalFileException(string.Create(CultureInfo.InvariantCulture,
                $"the journal {path} has version {version}, and this gateway knows only version {Version}: run the gateway that wrote it, or name another file in journal.path"));
        }
    }

    public static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as long? ?? 0;
    }
}
