namespace Gateway.Commands;

/// <summary>Ends commands whose time runs out while their device is silent, and forgets those that ended long ago.</summary>
internal sealed class CommandSweeper(CommandConsumer commands, TimeProvider time, ILogger<CommandSweeper> log) : BackgroundService
{
    // What is due is known without a search, so looking often costs nothing.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await commands.SweepAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.SweepFailed(e);
            }
        }
    }
}
