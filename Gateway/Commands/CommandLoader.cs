namespace Gateway.Commands;

/// <summary>Fills the queue before the first frame comes.</summary>
internal sealed class CommandLoader(CommandConsumer commands) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => commands.LoadAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
