using System.Globalization;
using Gateway.Tests.Support;

namespace Gateway.Tests.Journal;

internal sealed class JournalKillTests
{
    [Test]
    public async Task Nothing_that_was_called_safe_is_lost_when_the_process_is_killed()
    {
        await using var folder = new JournalInAFolder();
        var promised = new Dictionary<long, string>();
        using (var victim = KillVictim.Start(folder.Path))
        {
            try
            {
                await CollectAsync(victim.StandardOutput, promised, enough: 2000);
            }
            finally
            {
                victim.Kill();
            }

            await CollectAsync(victim.StandardOutput, promised, enough: int.MaxValue);
            await victim.WaitForExitAsync().WaitAsync(Eventually.Limit);
        }

        var journal = await folder.OpenAsync();
        var kept = journal.Read(0, int.MaxValue).ToDictionary(record => record.Sequence, record => record.RequestId);

        Assert.That(promised, Has.Count.GreaterThanOrEqualTo(2000));
        Assert.That(promised.Where(promise => kept.GetValueOrDefault(promise.Key) != promise.Value), Is.Empty);
        Assert.That(await folder.AppendAsync("after"), Is.EqualTo(kept.Count + 1));
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
