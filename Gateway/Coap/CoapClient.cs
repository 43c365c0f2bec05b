using System.Net;
using System.Net.Sockets;

namespace Gateway.Coap;

/// <summary>A small client: one CON request, one answer. For the command line and for tests; a request uses a socket of its own.</summary>
internal sealed class CoapClient(TimeProvider time, Random random)
{
    private const int TokenLength = 4;
    private const int LargestDatagram = 65536;

    public TransmissionParameters Parameters { get; init; } = TransmissionParameters.Default;

    /// <summary>How long to wait for the answer once the server has acknowledged the request with an empty ACK.</summary>
    public TimeSpan SeparateTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Sends the request until it is acknowledged, and waits for the answer, which may be an error of the server.</summary>
    /// <exception cref="CoapClientException">There is no answer.</exception>
    public async Task<CoapMessage> SendAsync(ClientRequest request, CancellationToken cancellation)
    {
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

    private async Task<CoapMessage> SendAsync(ClientRequest request, IPEndPoint server, CancellationToken cancellation)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            // Connected, so that the kernel keeps strangers out and reports a closed port.
            await socket.ConnectAsync(server, cancellation).ConfigureAwait(false);
            var message = request.ToMessage(new MessageId((ushort)random.Next(ushort.MaxValue + 1)), NewToken());
            return await ExchangeAsync(socket, message, server, cancellation).ConfigureAwait(false);
        }
        catch (SocketException exception)
        {
            throw new CoapClientException(CoapClientError.Unreachable, $"nothing listens at {server}: {exception.SocketErrorCode}", exception);
        }
    }

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

    // RFC 7252 §4.2: sent again with twice the patience each time, until something comes back.
    private async Task<CoapMessage> ExchangeAsync(Socket socket, CoapMessage request, IPEndPoint server, CancellationToken cancellation)
    {
        var datagram = CoapCodec.Encode(request);
        var timeout = Parameters.FirstTimeout(random);
        for (var sent = 0; sent <= Parameters.MaxRetransmit; sent++, timeout *= 2)
        {
            using var patience = new CancellationTokenSource(timeout, time);
            await socket.SendAsync(datagram, cancellation).ConfigureAwait(false);
            var reply = await ReceiveAsync(socket, request, answerOnly: false, patience.Token, cancellation).ConfigureAwait(false);
            if (reply is not null)
            {
                return reply.Code.IsEmpty ? await ReceiveSeparateAsync(socket, request, server, cancellation).ConfigureAwait(false) : reply;
            }
        }

        throw new CoapClientException(CoapClientError.TimedOut, $"{server} did not answer, though it was asked {Parameters.MaxRetransmit + 1} times");
    }

    private async Task<CoapMessage> ReceiveSeparateAsync(Socket socket, CoapMessage request, IPEndPoint server, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(SeparateTimeout, time);
        return await ReceiveAsync(socket, request, answerOnly: true, patience.Token, cancellation).ConfigureAwait(false)
            ?? throw new CoapClientException(
                CoapClientError.TimedOut, $"{server} acknowledged the request, but gave no answer within {SeparateTimeout.TotalSeconds} s");
    }

    // The answer, or, unless only that will do, the empty acknowledgement; null when the patience is over.
    private static async Task<CoapMessage?> ReceiveAsync(
        Socket socket, CoapMessage request, bool answerOnly, CancellationToken patience, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience, cancellation);
        var buffer = new byte[LargestDatagram];
        try
        {
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, either.Token).ConfigureAwait(false);
                if (CoapCodec.TryDecode(buffer.AsSpan(0, length), out var message, out _)
                    && await IsReplyAsync(socket, request, message, either.Token).ConfigureAwait(false)
                    && !(answerOnly && message.Code.IsEmpty))
                {
                    return message;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<bool> IsReplyAsync(Socket socket, CoapMessage request, CoapMessage message, CancellationToken cancellation)
    {
        switch (message.Type)
        {
            case MessageType.Reset:
                return message.Id == request.Id
                    ? throw new CoapClientException(CoapClientError.Rejected, "the server rejected the request as no valid CoAP message (Reset)")
                    : false;
            case MessageType.Acknowledgement:
                return message.Id == request.Id && (message.Code.IsEmpty || IsAnswer(request, message));
            case MessageType.Confirmable:
                // RFC 7252 §5.3.2: a separate answer is known by its token, and acknowledged; what nobody asked for is rejected (§4.2).
                var expected = IsAnswer(request, message);
                var acknowledgement = expected ? CoapMessage.EmptyAcknowledgement(message.Id) : CoapMessage.Reset(message.Id);
                await socket.SendAsync(CoapCodec.Encode(acknowledgement), cancellation).ConfigureAwait(false);
                return expected;
            default:
                return IsAnswer(request, message);
        }
    }

    private static bool IsAnswer(CoapMessage request, CoapMessage message) => message.Code.IsResponse && message.Token == request.Token;

    private Token NewToken()
    {
        // RFC 7252 §5.3.1: long enough that it can't be guessed, and so the answer not be forged from afar.
        Span<byte> bytes = stackalloc byte[TokenLength];
        random.NextBytes(bytes);
        return Token.From(bytes);
    }
}
