using Gateway.Journal;

namespace Gateway.Sinks;

/// <summary>Brings changes of the sinks to life.</summary>
/// <param name="dispatcher">The sinks.</param>
/// <param name="journal">Keeps records for those that are in use.</param>
/// <param name="make">Makes a sink.</param>
/// <param name="logger">The log.</param>
internal sealed class SinkReloader(SinkDispatcher dispatcher, IJournal journal, Func<string, SinkSettings, ISink> make, ILogger<SinkReloader> logger)
{
    /// <summary>From now on these are the sinks.</summary>
    public async Task ReloadAsync(IReadOnlyDictionary<string, SinkSettings> sinks)
    {
        // First what the journal keeps for the new ones; what it kept for the old ones may go once they have ended.
        journal.KeepFor([.. SinkFactory.CursorNames(sinks), .. dispatcher.Status.Select(sink => SinkLoop.CursorNameOf(sink.Name))]);
        await dispatcher.ReloadAsync(sinks, make);
        journal.KeepFor(SinkFactory.CursorNames(sinks));
        logger.Reloaded(string.Join(", ", dispatcher.Status.Select(sink => sink.Name)));
    }
}
