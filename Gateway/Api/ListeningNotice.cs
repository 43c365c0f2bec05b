using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Gateway.Api;

/// <summary>
/// Says where the API listens once it does: with port 0 nobody else knows. And ends it first when the gateway stops, within a bound of its own: a
/// client that never comes to an end must not take the time that the journal and the sinks need.
/// </summary>
internal sealed class ListeningNotice(IServer server, TimeProvider time, ILogger<ListeningNotice> log) : IHostedLifecycleService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        foreach (var address in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
        {
            log.Listening(address);
        }

        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // The host stops the server again later, which does nothing then.
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        await server.StopAsync(patience.Token);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
