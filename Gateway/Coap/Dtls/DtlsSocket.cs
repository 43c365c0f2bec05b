using System.Net;

namespace Gateway.Coap.Dtls;

/// <summary>A socket whose datagrams are DTLS records: whoever receives from it and sends to it sees only messages, and peers with sessions.</summary>
internal sealed class DtlsSocket(IDatagramSocket socket, DtlsLayer layer, ILogger log) : IDatagramSocket, IDatagramReceiver
{
    private const int LargestDatagram = 65536;

    [ThreadStatic]
    private static byte[]? _opened;

    [ThreadStatic]
    private static byte[]? _sealed;

    // A message layer takes one message at a time; and one of a device that has moved may come in at another socket.
    private readonly Lock _gate = new();
    private volatile IDatagramReceiver? _receiver;

    public IPEndPoint LocalEndPoint => socket.LocalEndPoint;

    private static byte[] Opened => _opened ??= GC.AllocateUninitializedArray<byte>(LargestDatagram);

    private static byte[] Sealed => _sealed ??= GC.AllocateUninitializedArray<byte>(LargestDatagram);

    public void Receive(IDatagramReceiver receiver)
    {
        _receiver = receiver;
        socket.Receive(this);
    }

    public void Send(Peer peer, ReadOnlySpan<byte> datagram, bool atOnce = false)
    {
        if (layer.Associations.Find(peer.Association) is { } association)
        {
            Send(association, RecordType.ApplicationData, datagram, atOnce);
        }
        else
        {
            layer.Metrics.Drop(DtlsDrop.Unsendable);
        }
    }

    /// <summary>Seals a message and sends it to where its peer is now.</summary>
    public void Send(Association association, RecordType type, ReadOnlySpan<byte> message, bool atOnce)
    {
        var length = association.Seal(type, message, Sealed);
        if (length == 0)
        {
            layer.Metrics.Drop(DtlsDrop.Unsendable);
            log.Unsendable(association.Source, message.Length, association.Identity?.Name);
            return;
        }

        socket.Send(association.Source, Sealed.AsSpan(0, length), atOnce);
    }

    /// <summary>Sends a datagram as it is.</summary>
    public void SendRecord(in Peer source, ReadOnlySpan<byte> datagram) => socket.Send(source, datagram);

    /// <summary>Sends datagrams as they are.</summary>
    public void SendAll(in Peer source, IReadOnlyList<byte[]> datagrams)
    {
        foreach (var datagram in datagrams)
        {
            socket.Send(source, datagram);
        }
    }

    /// <summary>Hands a message to whoever receives from this socket.</summary>
    public void Deliver(in Peer peer, ReadOnlySpan<byte> message)
    {
        lock (_gate)
        {
            _receiver?.Take(peer, message);
        }
    }

    public void Wake() => socket.Wake();

    public void Dispose() => socket.Dispose();

    void IDatagramReceiver.Take(in Peer peer, ReadOnlySpan<byte> datagram)
    {
        try
        {
            if (peer.CanBeAnswered)
            {
                layer.Take(peer, datagram, this, Opened);
            }
            else
            {
                _receiver?.Drop(peer, DropReason.ForgedSource);
            }
        }
        catch (Exception exception)
        {
            log.SecureDatagramFailed(LocalEndPoint, peer, exception);
        }
    }

    void IDatagramReceiver.Drop(in Peer peer, DropReason reason) => _receiver?.Drop(peer, reason);
}
