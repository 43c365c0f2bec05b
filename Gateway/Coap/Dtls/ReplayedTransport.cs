using Org.BouncyCastle.Tls;

namespace Gateway.Coap.Dtls;

/// <summary>What one run of a handshake hears, from the beginning, and what it says. When there is nothing more to hear, the run ends.</summary>
internal sealed class ReplayedTransport : DatagramTransport
{
    private readonly IReadOnlyList<byte[]> _heard;
    private readonly int _sendLimit;
    private readonly int _receiveLimit;
    private int _next;

    /// <param name="heard">The datagrams that have come.</param>
    /// <param name="sendLimit">The largest datagram that is sent, in bytes.</param>
    public ReplayedTransport(IReadOnlyList<byte[]> heard, int sendLimit)
    {
        (_heard, _sendLimit) = (heard, sendLimit);
        _receiveLimit = Math.Max(sendLimit, heard.Select(datagram => datagram.Length).DefaultIfEmpty().Max());
    }

    /// <summary>The records that the run has said.</summary>
    public List<byte[]> Said { get; } = [];

    /// <summary>Whether the run ended because it had heard all.</summary>
    public bool IsStarved { get; private set; }

    public int GetReceiveLimit() => _receiveLimit;

    public int GetSendLimit() => _sendLimit;

    public int Receive(byte[] buf, int off, int len, int waitMillis) => Receive(buf.AsSpan(off, len), waitMillis);

    public int Receive(Span<byte> buffer, int waitMillis)
    {
        if (_next == _heard.Count)
        {
            IsStarved = true;
            throw new EndOfStreamException("the rest of the handshake has not come yet");
        }

        var datagram = _heard[_next++];
        var length = Math.Min(datagram.Length, buffer.Length);
        datagram.AsSpan(0, length).CopyTo(buffer);
        return length;
    }

    public void Send(byte[] buf, int off, int len) => Send(buf.AsSpan(off, len));

    // What it says for having ended is not meant for anybody.
    public void Send(ReadOnlySpan<byte> buffer)
    {
        if (!IsStarved)
        {
            Said.Add(buffer.ToArray());
        }
    }

    public void Close() => _next = _heard.Count;
}
