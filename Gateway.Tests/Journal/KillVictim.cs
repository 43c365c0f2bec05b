using System.Diagnostics;
using System.Globalization;
using Gateway.Journal;
using Gateway.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Journal;

/// <summary>A process that appends to a journal until it is killed, and says each time that it was told a record is safe.</summary>
internal static class KillVictim
{
    public const string JournalVariable = "GATEWAY_TESTS_KILL_VICTIM";
    private const string PrefixVariable = "GATEWAY_TESTS_KILL_VICTIM_PREFIX";

    private const int Writers = 8;

    public static Process Start(string journalPath, string prefix)
    {
        var assembly = typeof(KillVictim).Assembly.Location;
        var start = new ProcessStartInfo("dotnet", [assembly]) { RedirectStandardOutput = true };
        start.Environment["DOTNET_STARTUP_HOOKS"] = assembly;
        start.Environment[JournalVariable] = journalPath;
        start.Environment[PrefixVariable] = prefix;
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
    }

    public static async Task AppendForEverAsync(string path)
    {
        var prefix = Environment.GetEnvironmentVariable(PrefixVariable);
        using var meters = new Meters();
        await using var journal = new SqliteJournal(
            new JournalSettings { Path = path }, [], TimeProvider.System, new JournalMetrics(meters), NullLogger<SqliteJournal>.Instance);
        await journal.StartAsync(CancellationToken.None);
        using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => AppendAsync(journal, $"{prefix}-{writer}", output))));
    }

    private static async Task AppendAsync(SqliteJournal journal, string writer, StreamWriter output)
    {
        for (var number = 0; ; number++)
        {
            var requestId = string.Create(CultureInfo.InvariantCulture, $"{writer}-{number}");
            var sequence = await journal.AppendAsync(JournalInAFolder.Record(requestId), CancellationToken.None);
            lock (output)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sequence} {requestId}."));
            }
        }
    }
}
