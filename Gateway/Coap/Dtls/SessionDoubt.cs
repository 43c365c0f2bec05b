namespace Gateway.Coap.Dtls;

/// <summary>
/// A session of before the gateway's unforeseen end: which records it had taken is not known, so none is, until its peer has answered a
/// question that was never asked before. A CoAP ping (RFC 7252 §4.3) is one that every device answers.
/// </summary>
internal sealed class SessionDoubt(ushort messageId)
{
    // Who does not answer so many pings takes none, and shakes hands again.
    private const int MaxPings = 5;

    private const byte Confirmable = 0x40;
    private const byte Reset = 0x70;
    private const int HeadSize = 4;

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private long? _lastPing;
    private int _pings;

    /// <summary>The ping: an empty Confirmable message.</summary>
    public byte[] Ping => [Confirmable, 0, (byte)(messageId >> 8), (byte)messageId];

    /// <summary>Whether it is time for a ping, or for the last time was.</summary>
    /// <param name="now">The time, as a timestamp.</param>
    /// <param name="pause">How long there is none behind another.</param>
    /// <param name="isHopeless">Whether none was ever answered.</param>
    public bool TryPing(long now, long pause, out bool isHopeless)
    {
        lock (_gate)
        {
            isHopeless = false;
            if (_lastPing is { } last && now - last < pause)
            {
                return false;
            }

            isHopeless = _pings >= MaxPings;
            (_lastPing, _pings) = (now, _pings + 1);
            return !isHopeless;
        }
    }

    /// <summary>Whether a message is the answer.</summary>
    public bool IsAnswer(ReadOnlySpan<byte> message) =>
        message.Length == HeadSize && message[0] == Reset && message[1] == 0 && message[2] == (byte)(messageId >> 8) && message[3] == (byte)messageId;
}
