using System.Diagnostics;
using System.Net.Sockets;
using Gateway.Coap;

namespace Gateway.Bench;

/// <summary>Waits for a server that was just started to answer a sensor's frame with success.</summary>
internal static class FirstAnswer
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <exception cref="InvalidOperationException">The server has ended.</exception>
    public static async Task WaitAsync(int port, Process server)
    {
        using var patience = new CancellationTokenSource(Patience);
        if (!CoapUri.TryParse(string.Create(CultureInfo.InvariantCulture, $"coap://127.0.0.1:{port}/m"), out var uri, out var error))
        {
            throw new InvalidOperationException(error);
        }

        using var client = new CoapClient(TimeProvider.System, new Random());
        while (!server.HasExited)
        {
            // Nobody listens at first, and the system says so at once; then the script may not be ready.
            try
            {
                var answer = await client.SendAsync(new ClientRequest(CoapCode.Post, uri) { Payload = Frames.Efento }, patience.Token);
                if (answer.Code == CoapCode.Created || answer.Code == CoapCode.Changed)
                {
                    return;
                }
            }
            catch (Exception exception) when (exception is CoapClientException or SocketException)
            {
                await Task.Delay(Pause, TimeProvider.System, patience.Token);
            }
        }

        throw new InvalidOperationException($"the server at port {port} ended before it answered");
    }
}
