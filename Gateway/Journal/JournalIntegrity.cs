using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Gateway.Journal;

/// <summary>
/// Whether SQLite's own pages are whole: the trees and lists that lead to the records. What is in a record is its checksum's
/// business. It reads and never writes: not even the WAL is moved.
/// </summary>
internal static class JournalIntegrity
{
    private const int MaxProblems = 20;
    private const int StepsBetweenLooksAtTheClock = 100;

    /// <summary>Looks for damage.</summary>
    /// <param name="path">The journal's file.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="time">The clock.</param>
    public static IntegrityReport Check(string path, TimeSpan limit, TimeProvider time)
    {
        var problems = new List<string>();
        try
        {
            using var connection = JournalFile.ConnectToLook(path);
            var started = time.GetTimestamp();
            raw.sqlite3_progress_handler(connection.Handle, StepsBetweenLooksAtTheClock, _ => time.GetElapsedTime(started) > limit ? 1 : 0, null);
            using var check = new SqliteStatement(connection, FormattableString.Invariant($"PRAGMA quick_check({MaxProblems})"));
            while (check.Step())
            {
                if (check.Text(0) is var text && text is not "ok")
                {
                    problems.Add(text);
                }
            }

            return new IntegrityReport(problems, IsWhole: true);
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode is raw.SQLITE_INTERRUPT)
        {
            return new IntegrityReport(problems, IsWhole: false);
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode is raw.SQLITE_CORRUPT)
        {
            return new IntegrityReport([.. problems, failure.Message], IsWhole: true);
        }
        catch (SqliteException)
        {
            // No database, or none that may be read: whoever opens it next says so.
            return new IntegrityReport(problems, IsWhole: false);
        }
    }
}

/// <summary>What a look for damage has found.</summary>
/// <param name="Problems">What is wrong, as SQLite says it; the first few.</param>
/// <param name="IsWhole">Whether all was looked at.</param>
internal sealed record IntegrityReport(IReadOnlyList<string> Problems, bool IsWhole);
