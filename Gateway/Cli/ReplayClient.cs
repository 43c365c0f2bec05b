using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Api;
using Gateway.Configuration;

namespace Gateway.Cli;

/// <summary>Asks the gateway that runs with these settings for a replay, and waits for its end.</summary>
internal sealed class ReplayClient(ApiSettings settings, TimeProvider time) : IDisposable
{
    private const string Path = "/api/v1/dead-letters/replay";

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    private readonly HttpClient _http = new() { BaseAddress = AddressOf(settings), Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>Replays, and gives the last status.</summary>
    /// <param name="request">What is to be read again.</param>
    /// <param name="progress">Told how far it is, when that has changed.</param>
    /// <param name="cancellation">Ends the replay.</param>
    /// <exception cref="GatewayUnreachableException">There is no gateway, or it refuses; the message says which.</exception>
    public async Task<ReplayStatus> RunAsync(ReplayDocument request, Action<ReplayStatus> progress, CancellationToken cancellation)
    {
        var status = await AskAsync(() => _http.PostAsJsonAsync(Path, request, ManagementApi.Json, cancellation));
        var place = new Uri($"/api/v1/replays/{status.Id}", UriKind.Relative);
        while (status.EndedAt is null)
        {
            try
            {
                await Task.Delay(Period, time, cancellation);
            }
            catch (OperationCanceledException)
            {
                // Whoever stops the command wants the work to stop, too.
                return await AskAsync(() => _http.DeleteAsync(place, CancellationToken.None));
            }

            var before = status;
            status = await AskAsync(() => _http.GetAsync(place, CancellationToken.None));
            if (status.Read != before.Read && status.EndedAt is null)
            {
                progress(status);
            }
        }

        return status;
    }

    public void Dispose() => _http.Dispose();

    private static Uri AddressOf(ApiSettings settings) => new(string.Create(
        CultureInfo.InvariantCulture, $"http://{(settings.Address.Contains(':', StringComparison.Ordinal) ? $"[{settings.Address}]" : settings.Address)}:{settings.Port}"));

    private async Task<ReplayStatus> AskAsync(Func<Task<HttpResponseMessage>> ask)
    {
        try
        {
            using var response = await ask();
            var body = await response.Content.ReadAsStringAsync();
            return response.IsSuccessStatusCode
                ? JsonSerializer.Deserialize<ReplayStatus>(body, ManagementApi.Json)!
                : throw new GatewayUnreachableException($"the gateway refuses: {DetailOf(body) ?? response.ReasonPhrase}");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            var why = e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? "nothing listens there" : e.Message;
            throw new GatewayUnreachableException(
                $"no gateway answers at {_http.BaseAddress} ({why}). That is api.address and api.port of the configuration: start the gateway with \"gateway run\", or name the configuration that it runs with (--config)", e);
        }
        catch (JsonException e)
        {
            throw new GatewayUnreachableException($"what answers at {_http.BaseAddress} is no gateway of this version: {e.Message}", e);
        }
    }

    // RFC 9457: problems say what is wrong in "detail".
    private static string? DetailOf(string body)
    {
        try
        {
            return (string?)JsonNode.Parse(body)?["detail"];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}

/// <summary>There is no gateway to be asked, or it says no.</summary>
internal sealed class GatewayUnreachableException(string message, Exception? inner = null) : Exception(message, inner);
