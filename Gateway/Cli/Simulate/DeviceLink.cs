using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Gateway.Coap;

namespace Gateway.Cli;

/// <summary>
/// A device's way to the gateway: a socket of its own, as each device behind a NAT has a port of its own, and a network that loses and
/// repeats datagrams and gives the device another port when it likes. It listens only while it waits for an answer, as a device does that
/// sleeps; so it costs no thread. Of the device's task.
/// </summary>
internal sealed class DeviceLink(FleetSettings settings, FleetTally tally, Random chance, TimeProvider time) : IDisposable
{
    private const int LongestDatagram = 2048;
    private const int TokenLength = 4;

    private Socket? _socket;
    private MessageId _id = new((ushort)chance.Next(65536));
    private uint _token = (uint)chance.Next();

    // Whether the gateway may have the message that is under way from the present port.
    private bool _hasLeft;

    /// <summary>How many messages the gateway may have taken the last one for: as often as it has left with another ID or from another port.</summary>
    public int Tries { get; private set; }

    /// <summary>Sends a message, a confirmable one until it is answered or given up (RFC 7252 §4.2).</summary>
    /// <returns>The answer; null when there is none, as there never is to a NON.</returns>
    public async Task<DeviceAnswer?> SendAsync(DeviceMessage message, CancellationToken cancellation)
    {
        (_id, _token, Tries, _hasLeft) = (_id.Next, _token + 1, 0, false);
        var datagram = Encode(message);
        tally.Sent(message.IsConfirmable);
        if (!message.IsConfirmable)
        {
            Transmit(datagram);
            return null;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(LongestDatagram);
        try
        {
            return await AskAsync(datagram, buffer, cancellation);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose() => _socket?.Dispose();

    private async Task<DeviceAnswer?> AskAsync(byte[] datagram, byte[] buffer, CancellationToken cancellation)
    {
        var timeout = settings.Transmission.FirstTimeout(chance);
        var first = time.GetTimestamp();
        for (var attempt = 0; attempt <= settings.Transmission.MaxRetransmit; attempt++, timeout *= 2)
        {
            if (attempt > 0)
            {
                tally.Retransmitted();
            }

            Transmit(datagram);
            var (end, answer) = await ListenAsync(timeout, buffer, cancellation);
            if (end is Heard.Acknowledgement)
            {
                // RFC 7252 §5.2.2: the answer comes by itself.
                (end, answer) = await ListenAsync(settings.Transmission.SeparateTimeout, buffer, cancellation, isAcknowledged: true);
            }

            if (end is Heard.Answer)
            {
                tally.Answered(answer!.Code, attempt == 0 ? time.GetElapsedTime(first) : null);
                return answer;
            }

            if (end is Heard.Reset)
            {
                tally.WasReset();
                return null;
            }
        }

        tally.Unanswered();
        return null;
    }

    private enum Heard
    {
        Nothing,
        Acknowledgement,
        Answer,
        Reset,
    }

    private async Task<(Heard, DeviceAnswer?)> ListenAsync(TimeSpan patience, byte[] buffer, CancellationToken cancellation, bool isAcknowledged = false)
    {
        using var end = new CancellationTokenSource(patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellation);
        while (true)
        {
            int length;
            try
            {
                length = await _socket!.ReceiveAsync(buffer, SocketFlags.None, both.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return (Heard.Nothing, null);
            }
            catch (SocketException)
            {
                // Nobody listens there just now. The device can't know, and waits as if the datagram were lost.
                continue;
            }

            if (IsLost())
            {
                continue;
            }

            if (Take(buffer.AsSpan(0, length)) is var (heard, answer) && heard is not Heard.Nothing && !(heard is Heard.Acknowledgement && isAcknowledged))
            {
                return (heard, answer);
            }
        }
    }

    private (Heard, DeviceAnswer?) Take(ReadOnlySpan<byte> datagram)
    {
        if (!CoapCodec.TryDecode(datagram, out var message, out var error))
        {
            tally.Unreadable($"a datagram that is no CoAP message: {error}");
            return (Heard.Nothing, null);
        }

        var isMine = !message.Code.IsEmpty && message.Token.Equals(TokenNow());
        if (message.Type is MessageType.Confirmable)
        {
            // RFC 7252 §4.2: what a device does not expect it resets.
            Send(CoapCodec.Encode(isMine ? CoapMessage.EmptyAcknowledgement(message.Id) : CoapMessage.Reset(message.Id)));
        }

        return message switch
        {
            { Code.IsResponse: true } when isMine => (Heard.Answer, AnswerOf(message)),
            { Type: MessageType.Reset } when message.Id == _id => (Heard.Reset, null),
            { Type: MessageType.Acknowledgement, Code.IsEmpty: true } when message.Id == _id => (Heard.Acknowledgement, null),

            // The answer to a duplicate of an earlier message, most often.
            _ => (Heard.Nothing, null),
        };
    }

    private static DeviceAnswer AnswerOf(CoapMessage message)
    {
        var location = message.Options.Where(option => option.Number == OptionNumber.LocationPath).Select(option => Encoding.UTF8.GetString(option.Value.Span));
        return new DeviceAnswer(message.Code, message.Payload, string.Join('/', location));
    }

    private void Transmit(byte[] datagram)
    {
        if (_socket is null || chance.NextDouble() < settings.NatRebind)
        {
            Rebind();
        }

        if (IsLost())
        {
            return;
        }

        if (!_hasLeft)
        {
            (_hasLeft, Tries) = (true, Tries + 1);
        }

        Send(datagram);
        if (chance.NextDouble() < settings.Duplicate)
        {
            tally.Duplicated();
            Send(datagram);
        }
    }

    private void Rebind()
    {
        if (_socket is not null)
        {
            _socket.Dispose();
            tally.Rebound();
        }

        _socket = new Socket(settings.Server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _socket.Connect(settings.Server);
        _hasLeft = false;
    }

    private void Send(ReadOnlySpan<byte> datagram)
    {
        // An error is what an earlier datagram met with; a device knows of none.
        _ = _socket!.Send(datagram, SocketFlags.None, out _);
    }

    private bool IsLost()
    {
        if (chance.NextDouble() >= settings.Loss)
        {
            return false;
        }

        tally.Lost();
        return true;
    }

    private byte[] Encode(DeviceMessage message)
    {
        var options = message.Path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(segment => Text(OptionNumber.UriPath, segment))
            .Concat(message.Query.Select(argument => Text(OptionNumber.UriQuery, argument)));
        return CoapCodec.Encode(new CoapMessage(message.IsConfirmable ? MessageType.Confirmable : MessageType.NonConfirmable, message.Method, _id)
        {
            Token = TokenNow(),
            Options = [.. options, .. message.ContentFormat is { } format ? [UintOption.Of(OptionNumber.ContentFormat, (uint)format)] : Array.Empty<CoapOption>()],
            Payload = message.Payload,
        });
    }

    private static CoapOption Text(int number, string value) => new(number, Encoding.UTF8.GetBytes(value));

    private Token TokenNow()
    {
        Span<byte> bytes = stackalloc byte[TokenLength];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, _token);
        return Token.From(bytes);
    }
}
