using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace Gateway.Journal;

/// <summary>The tables of the journal's file, and their version. Anyone may look inside with the sqlite3 tool.</summary>
internal static class JournalSchema
{
    public const long Version = 2;

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
        INSERT INTO meta VALUES (2);
        CREATE TABLE identity (id TEXT NOT NULL);
        INSERT INTO identity VALUES (lower(hex(randomblob(8))));
        CREATE TABLE retention (
            class INTEGER PRIMARY KEY, -- 1 frames, 2 steps of commands, 3 failures
            floor INTEGER NOT NULL, -- records of the class up to this sequence are gone
            bytes INTEGER NOT NULL, -- what the class has in the groups
            counted_to INTEGER NOT NULL); -- groups up to this sequence are in bytes
        INSERT INTO retention VALUES (1, 0, 0, 0), (2, 0, 0, 0), (3, 0, 0, 0);
        COMMIT;
        """;

    // Version 1 had nothing but frames.
    private const string FromVersion1 =
        """
        BEGIN IMMEDIATE;
        CREATE TABLE retention (class INTEGER PRIMARY KEY, floor INTEGER NOT NULL, bytes INTEGER NOT NULL, counted_to INTEGER NOT NULL);
        INSERT INTO retention
            SELECT value, 0, CASE value WHEN 1 THEN (SELECT coalesce(sum(length(body)), 0) FROM groups) ELSE 0 END,
                (SELECT coalesce(max(first_sequence + count - 1), 0) FROM groups)
            FROM (SELECT 1 AS value UNION SELECT 2 UNION SELECT 3);
        CREATE TABLE identity (id TEXT NOT NULL);
        INSERT INTO identity VALUES (lower(hex(randomblob(8))));
        UPDATE meta SET version = 2;
        COMMIT;
        """;

    /// <summary>
    /// WAL, synced at each commit: while the schema is made by SQLite itself, and then by <see cref="WalSync"/>. Otherwise a commit in WAL mode is
    /// only safe from a crash of the program, not of the machine. Checkpoints are <see cref="WalCheckpointer"/>'s business.
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

    /// <summary>Refuses what is no journal that this gateway can read.</summary>
    public static void Check(SqliteConnection connection, string path)
    {
        if (Scalar(connection, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('meta', 'groups', 'cursors')") != 3)
        {
            throw new JournalFileException($"{path} is an SQLite database, but no journal of this gateway: name another file in journal.path");
        }

        var version = Scalar(connection, "SELECT max(version) FROM meta");
        if (version is < 1 or > Version)
        {
            throw new JournalFileException(string.Create(CultureInfo.InvariantCulture,
                $"the journal {path} has version {version}, and this gateway knows only versions up to {Version}: run the gateway that wrote it, or name another file in journal.path"));
        }
    }

    /// <summary>Up to here, whole groups may have been taken away. For a connection that may not write.</summary>
    public static long FloorOf(SqliteConnection connection) =>
        Scalar(connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'retention'") == 0 ? 0 : Scalar(connection, "SELECT max(floor) FROM retention");

    /// <summary>Makes the tables in an empty file, brings one of an older gateway up to date, and refuses one that this gateway does not understand.</summary>
    public static void Ensure(SqliteConnection connection, string path)
    {
        if (Scalar(connection, "SELECT count(*) FROM sqlite_schema") == 0)
        {
            Run(connection, Tables);
            return;
        }

        Check(connection, path);
        if (Scalar(connection, "SELECT max(version) FROM meta") == 1)
        {
            Run(connection, FromVersion1);
        }
    }

    /// <summary>
    /// Which journal this is: 64 random bits, given when the file was made. With a sequence behind it, it names a record among those of all
    /// gateways and of all journals that a gateway ever had.
    /// </summary>
    public static string IdentityOf(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT id FROM identity";
        return (string)command.ExecuteScalar()!;
    }

    /// <summary>An identity that no journal has.</summary>
    public static string NewIdentity() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>Gives a journal that is not in use another identity.</summary>
    public static void Identify(SqliteConnection connection, string id)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE identity SET id = $id";
        command.Parameters.AddWithValue("$id", id);
        command.ExecuteNonQuery();
    }

    public static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as long? ?? 0;
    }
}
