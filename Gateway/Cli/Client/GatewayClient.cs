using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Configuration;

namespace Gateway.Cli;

/// <summary>Asks a running gateway over its management API. What goes wrong is told in the words of the gateway, or with what to do.</summary>
internal sealed class GatewayClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    private readonly HttpClient _http;

    /// <param name="address">Where the API is.</param>
    /// <param name="key">The API key; null for none.</param>
    /// <param name="authorities">A file of certificates to trust, as PEM; null trusts those of the machine.</param>
    public GatewayClient(Uri address, string? key, string? authorities = null)
    {
        _http = new HttpClient(HandlerOf(authorities)) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        if (key is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    /// <summary>Where it asks.</summary>
    public Uri Address => _http.BaseAddress!;

    /// <summary>Where the gateway with these settings has its API.</summary>
    public static Uri AddressOf(ApiSettings settings) => new(string.Create(
        CultureInfo.InvariantCulture, $"{(settings.Tls is null ? "http" : "https")}://{(settings.Address.Contains(':', StringComparison.Ordinal) ? $"[{settings.Address}]" : settings.Address)}:{settings.Port}"));

    /// <summary>Asks, and gives the answer's JSON; null when it has none.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path below the API's address, with its query: <c>api/v1/devices?limit=10</c>.</param>
    /// <param name="body">JSON; null for none.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="GatewayUnreachableException">There is no gateway.</exception>
    /// <exception cref="GatewayRefusalException">It refuses.</exception>
    public async Task<JsonNode?> AskAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellation)
    {
        var text = await SendAsync(new GatewayRequest(method, path, body is null ? null : JsonContent(body)), response => response.Content.ReadAsStringAsync(cancellation), cancellation);
        try
        {
            return text.Length == 0 ? null : JsonNode.Parse(text);
        }
        catch (JsonException e)
        {
            throw new GatewayUnreachableException($"what answers at {Address} is no gateway of this version: {e.Message}", e);
        }
    }

    /// <summary>Asks, and has the answer read, as long as it lasts.</summary>
    /// <exception cref="GatewayUnreachableException">There is no gateway.</exception>
    /// <exception cref="GatewayRefusalException">It refuses.</exception>
    public async Task<T> SendAsync<T>(GatewayRequest ask, Func<HttpResponseMessage, Task<T>> read, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(ask.Method, new Uri(ask.Path, UriKind.Relative)) { Content = ask.Content };
        foreach (var (name, value) in ask.Headers ?? [])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(ask.Content is StreamContent ? Timeout.InfiniteTimeSpan : Patience);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw await RefusalAsync(response, cancellation);
            }

            return await read(response);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw Unreachable($"no answer within {Patience.TotalSeconds} s", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Unreachable(e.InnerException switch
            {
                SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "nothing listens there",
                AuthenticationException tls => $"its certificate is not trusted here: {tls.Message}",
                _ => e.Message,
            }, e);
        }
    }

    public void Dispose() => _http.Dispose();

    private static SocketsHttpHandler HandlerOf(string? authorities)
    {
        var handler = new SocketsHttpHandler();
        if (authorities is not null)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPemFile(authorities);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        return handler;
    }

    private static StringContent JsonContent(JsonNode body) => new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");

    private GatewayUnreachableException Unreachable(string why, Exception inner) => new(
        $"no gateway answers at {Address} ({why}). Start it with \"gateway run\", or say where it is: --url, GATEWAY_URL, or the configuration that it runs with (--config)", inner);

    // RFC 9457: problems say what is wrong in "detail"; ours have a list of places besides.
    private async Task<GatewayRefusalException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var body = await response.Content.ReadAsStringAsync(cancellation);
        JsonObject? problem = null;
        try
        {
            problem = JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            problem = null;
        }

        return new GatewayRefusalException(response.StatusCode, problem ?? new JsonObject { ["detail"] = response.ReasonPhrase, ["status"] = (int)response.StatusCode }, Address);
    }
}

/// <summary>What a gateway is asked.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path below the API's address, with its query.</param>
/// <param name="Content">The body; null for none.</param>
/// <param name="Headers">Further headers.</param>
internal sealed record GatewayRequest(HttpMethod Method, string Path, HttpContent? Content = null, IReadOnlyList<KeyValuePair<string, string>>? Headers = null);

/// <summary>There is no gateway to be asked.</summary>
internal sealed class GatewayUnreachableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The gateway says no.</summary>
/// <param name="status">The answer's status.</param>
/// <param name="problem">The problem document.</param>
/// <param name="address">Who says so.</param>
internal sealed class GatewayRefusalException(HttpStatusCode status, JsonObject problem, Uri address) : Exception(TextOf(status, problem, address))
{
    /// <summary>The answer's status.</summary>
    public HttpStatusCode Status => status;

    /// <summary>Whether a key, or a better one, would help.</summary>
    public bool IsDenied => status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;

    /// <summary>The problem document, as it came.</summary>
    public JsonObject Problem => problem;

    // The detail says all in one line; where there are places, a line for each says more.
    private static string TextOf(HttpStatusCode status, JsonObject problem, Uri address)
    {
        string[] places =
        [
            .. from error in problem["errors"] as JsonArray ?? []
               let place = error["pointer"] ?? error["parameter"]
               select place is null ? $"  {error["detail"]}" : $"  {place}: {error["detail"]}",
        ];
        var said = places.Length > 0 ? string.Join('\n', ["the gateway refuses:", .. places]) : $"the gateway refuses: {problem["detail"] ?? problem["title"]}";
        return status switch
        {
            HttpStatusCode.Unauthorized => $"{said}\nGive a key of the gateway at {address} with --key or GATEWAY_KEY; \"gateway key add\" on its machine makes one.",
            HttpStatusCode.Forbidden => $"{said}\nIt takes a key with another role.",
            _ => said,
        };
    }
}
