using Gateway.Journal;

namespace Gateway.Sinks;

/// <summary>Looks at gateway.json every two seconds, and brings changes of its sinks to life. A file that has problems changes nothing.</summary>
/// <param name="look">Reads the settings anew; null when the file is the same as at the last look.</param>
/// <param name="dispatcher">The sinks.</param>
/// <param name="journal">Keeps records for those that are in use.</param>
/// <param name="make">Makes a sink.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed class SinkReloader(
    Func<SinkReload?> look, SinkDispatcher dispatcher, IJournal journal, Func<string, SinkSettings, ISink> make, TimeProvider time,
    ILogger<SinkReloader> logger) : BackgroundService
{
    /// <summary>How often the file is looked at.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (look() is { } reload)
                {
                    await ReloadAsync(reload);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.ReloadFailed(exception);
            }
        }
    }

    private async Task ReloadAsync(SinkReload reload)
    {
        if (reload.Problems.Count > 0)
        {
            logger.NotReloaded(string.Join("; ", reload.Problems));
            return;
        }

        // First what the journal keeps for the new ones; what it kept for the old ones may go once they have ended.
        journal.KeepFor([.. SinkFactory.CursorNames(reload.Sinks), .. dispatcher.Status.Select(sink => SinkLoop.CursorNameOf(sink.Name))]);
        await dispatcher.ReloadAsync(reload.Sinks, make);
        journal.KeepFor(SinkFactory.CursorNames(reload.Sinks));
        logger.Reloaded(string.Join(", ", dispatcher.Status.Select(sink => sink.Name)));
    }
}

/// <summary>The sinks as gateway.json has them now, or what is wrong with it.</summary>
internal sealed record SinkReload(IReadOnlyDictionary<string, SinkSettings> Sinks, IReadOnlyList<string> Problems);
