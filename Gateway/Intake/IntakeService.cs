namespace Gateway.Intake;

/// <summary>The intakes at work: a loop for each, so that none waits for another.</summary>
/// <param name="settings">The section of gateway.json by name, its paths made absolute.</param>
/// <param name="intake">Takes what they bring.</param>
/// <param name="time">The clock.</param>
/// <param name="chance">Chance.</param>
/// <param name="metrics">What is counted.</param>
/// <param name="logger">The log.</param>
internal sealed class IntakeService(
    IReadOnlyDictionary<string, IntakeSettings> settings, CommandIntake intake, TimeProvider time, Random chance, IntakeMetrics metrics,
    ILogger<IntakeService> logger) : BackgroundService
{
    /// <summary>How long a message may go on after the stop that is being taken.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    // Replaced once, at the start; read by who asks for the status.
    private volatile IReadOnlyList<IntakeLoop> _loops = [];

    /// <summary>How each intake is.</summary>
    public IReadOnlyList<IntakeStatus> Status => [.. _loops.Select(loop => loop.Status)];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var sources = (from entry in settings where entry.Value.Enabled select (entry.Value, Source: IntakeFactory.Create(entry.Key, entry.Value, time, logger))).ToList();

        // A Random of its own for each loop: one may not be used by two threads.
        _loops = [.. sources.Select(entry => new IntakeLoop(entry.Source, entry.Value, intake, time, new Random(chance.Next()), metrics, logger))];
        using var deadline = new CancellationTokenSource();
        await using var limit = time.CreateTimer(_ => deadline.Cancel(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        await using var stop = stoppingToken.Register(() => limit.Change(DrainTime, Timeout.InfiniteTimeSpan));
        await Task.WhenAll(_loops.Select(loop => Task.Run(() => loop.RunAsync(stoppingToken, deadline.Token), CancellationToken.None)));
        foreach (var (_, source) in sources)
        {
            await source.DisposeAsync();
        }
    }
}
