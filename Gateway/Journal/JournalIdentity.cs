using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace Gateway.Journal;

/// <summary>
/// Which journal this is: 64 random bits, given when the file is first opened and kept in it. With a sequence behind it, it names a record
/// among those of all gateways and of all journals that a gateway ever had.
/// </summary>
internal static class JournalIdentity
{
    private const int Digits = 16;

    /// <summary>The identity in a file, which gets one when it has none. The table is one that older gateways pass over.</summary>
    public static string Ensure(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            CREATE TABLE IF NOT EXISTS identity (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL);
            INSERT OR IGNORE INTO identity VALUES (1, $id);
            SELECT id FROM identity;
            """;
        command.Parameters.AddWithValue("$id", RandomNumberGenerator.GetHexString(Digits, lowercase: true));
        return (string)command.ExecuteScalar()!;
    }
}
