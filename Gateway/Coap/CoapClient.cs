using System.Net;
using System.Net.Sockets;
using Gateway.Coap.Dtls;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Coap;

/// <summary>
/// A client on the layers of the server: retransmission, matching, and bodies in blocks both ways. Keeps a socket for each server
/// that it has asked. May be called from any thread.
/// </summary>
internal sealed class CoapClient : IDisposable
{
    private const int LargestBlock = 1024;

    private readonly CoapMetrics _metrics = new(LoneMeters.Instance);
    private readonly ClientConnections _connections;

    // Random is not thread-safe, and each endpoint has its own threads: so each has its own. Only one is opened at a time.
    public CoapClient(TimeProvider time, Random random) => _connections = new ClientConnections(
        (server, secure) => new ClientConnection(server, secure ? Security : null, Parameters, time, new Random(random.Next()), _metrics, NullLogger.Instance));

    public TransmissionParameters Parameters { get; init; } = TransmissionParameters.Default;

    /// <summary>With what it shakes hands where a URI says <c>coaps</c>; null when it can't.</summary>
    public DtlsClientSettings? Security { get; init; }

    /// <summary>The largest body of an answer that is taken, in bytes.</summary>
    public int MaxBodySize { get; init; } = 16 * 1024 * 1024;

    /// <summary>Sends the request until it is acknowledged, and waits for the whole answer, which may be an error of the server.</summary>
    /// <exception cref="CoapClientException">There is no answer.</exception>
    public async Task<CoapMessage> SendAsync(ClientRequest request, CancellationToken cancellation)
    {
        if (request.Uri.IsSecure && Security is null)
        {
            throw new CoapClientException(CoapClientError.HandshakeFailed, "coaps needs a key, and none was given");
        }

        var addresses = await ResolveAsync(request.Uri, cancellation).ConfigureAwait(false);
        var index = 0;
        while (true)
        {
            try
            {
                return await SendAsync(request, new IPEndPoint(addresses[index], request.Uri.Port), cancellation).ConfigureAwait(false);
            }
            catch (CoapClientException exception) when (exception.Error == CoapClientError.Unreachable && index < addresses.Length - 1)
            {
                // A name such as localhost has an address of each family, and the server need not listen on both.
                index++;
            }
        }
    }

    /// <summary>Closes the sockets; requests in work end without an answer.</summary>
    public void Dispose() => _connections.Dispose();

    private static async Task<IPAddress[]> ResolveAsync(CoapUri uri, CancellationToken cancellation)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(uri.Host, cancellation).ConfigureAwait(false);
        }
        catch (SocketException exception)
        {
            throw new CoapClientException(CoapClientError.NameNotFound, $"no address is known for \"{uri.Host}\"", exception);
        }
    }

    private async Task<CoapMessage> SendAsync(ClientRequest request, IPEndPoint server, CancellationToken cancellation)
    {
        ClientConnection connection;
        try
        {
            connection = _connections.Rent(server, request.Uri.IsSecure);
        }
        catch (SocketException exception)
        {
            throw new CoapClientException(CoapClientError.Unreachable, $"nothing listens at {server}: {exception.SocketErrorCode}", exception);
        }

        try
        {
            return await SendAsync(request, connection, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _connections.Return(connection);
        }
    }

    private async Task<CoapMessage> SendAsync(ClientRequest request, ClientConnection connection, CancellationToken cancellation)
    {
        var (message, blockSize) = (request.ToMessage(), request.BlockSize ?? LargestBlock);
        if (message.Payload.Length <= blockSize)
        {
            return await SendAsync(message, blockSize, connection, cancellation).ConfigureAwait(false);
        }

        var tag = connection.Tags.Take();
        try
        {
            return await SendAsync(RequestTags.With(message, tag), blockSize, connection, cancellation).ConfigureAwait(false);
        }
        finally
        {
            connection.Tags.Return(tag);
        }
    }

    // As many messages as the two bodies take.
    private async Task<CoapMessage> SendAsync(CoapMessage request, int blockSize, ClientConnection connection, CancellationToken cancellation)
    {
        var exchange = new BlockwiseExchange(request, blockSize, MaxBodySize);
        var step = exchange.First;
        while (step.Next is { } next)
        {
            step = exchange.Take(await RequestAsync(connection, next, cancellation).ConfigureAwait(false));
        }

        return step.Answer ?? throw new CoapClientException(CoapClientError.Incomplete, Explain(step.Error, connection.Server));
    }

    // RFC 9175 §2.3: who is asked to show that it is where it says it is sends the request once more, with what it was given to echo.
    private static async Task<CoapMessage> RequestAsync(ClientConnection connection, CoapMessage request, CancellationToken cancellation)
    {
        var answer = await connection.RequestAsync(request, cancellation).ConfigureAwait(false);
        if (answer.Code != CoapCode.Unauthorized || BlockOptions.Find(answer.Options, OptionNumber.Echo) is not { } echo)
        {
            return answer;
        }

        var echoed = request with
        {
            Options = [.. request.Options.Where(option => option.Number != OptionNumber.Echo), new CoapOption(OptionNumber.Echo, echo)],
        };
        return await connection.RequestAsync(echoed, cancellation).ConfigureAwait(false);
    }

    private string Explain(BlockwiseError error, IPEndPoint server) => error switch
    {
        BlockwiseError.Malformed => $"{server} answered with a block that is malformed",
        BlockwiseError.OutOfSequence => $"{server} answered about another block than the one it was asked for",
        BlockwiseError.Changed => $"what {server} answered changed while it was fetched, twice",
        BlockwiseError.TooLarge => $"the answer of {server} is larger than {MaxBodySize} bytes",
        _ => "the payload has more blocks than can be counted: make them larger",
    };
}
