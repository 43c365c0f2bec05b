using System.Text.Json;
using Gateway.Api;

namespace Gateway.Cli;

/// <summary>Asks a running gateway for a replay, and waits for its end.</summary>
internal sealed class ReplayClient(GatewayClient gateway, TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    /// <summary>Replays, and gives the last status.</summary>
    /// <param name="request">What is to be read again.</param>
    /// <param name="progress">Told how far it is, when that has changed.</param>
    /// <param name="cancellation">Ends the replay.</param>
    /// <exception cref="GatewayUnreachableException">There is no gateway.</exception>
    /// <exception cref="GatewayRefusalException">It refuses.</exception>
    public async Task<ReplayStatus> RunAsync(ReplayDocument request, Action<ReplayStatus> progress, CancellationToken cancellation)
    {
        var status = await AskAsync(HttpMethod.Post, "api/v1/dead-letters/replay", request, cancellation);
        var place = $"api/v1/replays/{status.Id}";
        while (status.EndedAt is null)
        {
            try
            {
                await Task.Delay(Period, time, cancellation);
            }
            catch (OperationCanceledException)
            {
                // Whoever stops the command wants the work to stop, too.
                return await AskAsync(HttpMethod.Delete, place, null, CancellationToken.None);
            }

            var before = status;
            status = await AskAsync(HttpMethod.Get, place, null, CancellationToken.None);
            if (status.Read != before.Read && status.EndedAt is null)
            {
                progress(status);
            }
        }

        return status;
    }

    private async Task<ReplayStatus> AskAsync(HttpMethod method, string path, ReplayDocument? body, CancellationToken cancellation)
    {
        var answer = await gateway.AskAsync(method, path, body is null ? null : JsonSerializer.SerializeToNode(body, ManagementApi.Json), cancellation);
        return answer.Deserialize<ReplayStatus>(ManagementApi.Json)!;
    }
}
