using Org.BouncyCastle.Tls;

namespace Gateway.Coap.Dtls;

/// <summary>How far a client's datagrams go. Between its hello and its Finished a server has nothing to say, so until then there is nothing to compute either.</summary>
internal struct HandshakeProgress
{
    private bool _hasKeyExchange;
    private bool _hasChanged;
    private bool _hasFinished;

    /// <summary>Whether the client has sent the last messages of its side. They may be anybody's.</summary>
    public readonly bool IsFinished => _hasKeyExchange && _hasChanged && _hasFinished;

    /// <summary>Whether somebody at its address says that it gives up.</summary>
    public bool HasAlert { get; private set; }

    /// <param name="datagram">What has come.</param>
    /// <param name="connectionId">What the client calls this side by, when it does.</param>
    public void Add(ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> connectionId)
    {
        while (Record.TryRead(datagram, HandshakeConnectionId.Length, out var record))
        {
            switch (record.Type)
            {
                case RecordType.Handshake when record.Epoch == 0:
                    _hasKeyExchange |= !record.Fragment.IsEmpty && record.Fragment[0] == HandshakeType.client_key_exchange;
                    break;
                case RecordType.ChangeCipherSpec when record.Epoch == 0:
                    _hasChanged = true;
                    break;
                case RecordType.Alert when record.Epoch == 0:
                    HasAlert = true;
                    break;

                // What a session of before has sent and what comes late has another type, or another name.
                case RecordType.Handshake:
                    _hasFinished = true;
                    break;
                case RecordType.WithConnectionId:
                    _hasFinished |= record.Epoch > 0 && record.ConnectionId.SequenceEqual(connectionId);
                    break;
            }

            datagram = datagram[record.Whole.Length..];
        }
    }
}
