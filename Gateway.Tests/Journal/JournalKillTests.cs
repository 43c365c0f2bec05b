using System.Globalization;
using Gateway.Tests.Support;

namespace Gateway.Tests.Journal;

/// <summary>The process is killed at moments that nobody chose. What it called safe by then is there, and nothing is out of place.</summary>
internal sealed class JournalKillTests
{
    private const int MostBeforeAKill = 3000;

    // docs/testing.md has the command of the long run.
    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("JOURNAL_KILLS") ?? "5", CultureInfo.InvariantCulture);

    [Test]
    public Task Nothing_that_was_called_safe_is_lost_when_the_process_is_killed() => KillAsync(Kills, seed: Kills == 5 ? 20260102 : new Random().Next());

    private static async Task KillAsync(int times, int seed)
    {
        await using var folder = new JournalInAFolder();
        var chance = new Random(seed);
        var promised = new Dictionary<long, string>();
        for (var kill = 1; kill <= times; kill++)
        {
            var prefix = string.Create(CultureInfo.InvariantCulture, $"k{kill}");
            await RunAndKillAsync(folder.Path, prefix, promised, chance.Next(1, MostBeforeAKill));
        }

        var journal = await folder.OpenAsync();
        var lost = promised.Count;
        var read = 0L;
        for (var records = journal.Read(0, 1000); records.Count > 0; records = journal.Read(read, 1000))
        {
            Assert.That(records.Select(record => record.Sequence), Is.EqualTo(Enumerable.Range((int)read + 1, records.Count)), $"seed {seed}: without gaps");
            lost -= records.Count(record => promised.GetValueOrDefault(record.Sequence) == record.RequestId);
            read = records[^1].Sequence;
        }

        Assert.That(lost, Is.Zero, $"seed {seed}");
        Assert.That(journal.Health.Damaged, Is.Zero);
        Assert.That(await folder.AppendAsync("after"), Is.EqualTo(read + 1));
    }

    private static async Task RunAndKillAsync(string path, string prefix, Dictionary<long, string> promised, int enough)
    {
        using var victim = KillVictim.Start(path, prefix);
        try
        {
            await CollectAsync(victim.StandardOutput, promised, promised.Count + enough);
        }
        finally
        {
            victim.Kill();
        }

        await CollectAsync(victim.StandardOutput, promised, enough: int.MaxValue);
        await victim.WaitForExitAsync().WaitAsync(Eventually.Limit);
    }

    private static async Task CollectAsync(StreamReader output, Dictionary<long, string> promised, int enough)
    {
        while (promised.Count < enough && await output.ReadLineAsync().WaitAsync(Eventually.Limit) is { } line)
        {
            // The kill may have torn the last line; a whole one ends with a full stop.
            if (line.EndsWith('.'))
            {
                var parts = line[..^1].Split(' ');
                promised.Add(long.Parse(parts[0], CultureInfo.InvariantCulture), parts[1]);
            }
        }
    }
}
