using System.Net;
using Org.BouncyCastle.Tls;

namespace Gateway.Coap.Dtls;

/// <summary>
/// A client's socket whose datagrams are DTLS records. It has a session once somebody has asked for one; until then what is sent is lost.
/// Methods may be called from any thread.
/// </summary>
internal sealed class DtlsClientSocket : IDatagramSocket, IDatagramReceiver
{
    private const int LargestDatagram = 65536;
    private const byte Warning = 1;
    private const byte Fatal = 2;

    [ThreadStatic]
    private static byte[]? _sealed;

    private readonly IDatagramSocket _socket;
    private readonly Peer _server;
    private readonly DtlsClientSettings _settings;
    private readonly TransmissionParameters _patience;
    private readonly TimeProvider _time;
    private readonly Action<CoapClientException> _ended;
    private readonly Lock _gate = new();

    // The receiving thread's own.
    private readonly byte[] _opened = GC.AllocateUninitializedArray<byte>(LargestDatagram);
    private IDatagramReceiver? _receiver;

    // Written under _gate.
    private volatile Association? _session;
    private volatile ClientTransport? _transport;
    private Task<Association>? _handshake;
    private CoapClientException? _closed;

    /// <param name="socket">A socket that is connected to the server.</param>
    /// <param name="server">Where the server is.</param>
    /// <param name="settings">With what it shakes hands.</param>
    /// <param name="patience">After which time the handshake says something again, and how often.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ended">Called when the server ends the session.</param>
    public DtlsClientSocket(
        IDatagramSocket socket, in Peer server, DtlsClientSettings settings, TransmissionParameters patience, TimeProvider time, Action<CoapClientException> ended) =>
        (_socket, _server, _settings, _patience, _time, _ended) = (socket, server, settings, patience, time, ended);

    public IPEndPoint LocalEndPoint => _socket.LocalEndPoint;

    private static byte[] Sealed => _sealed ??= GC.AllocateUninitializedArray<byte>(LargestDatagram);

    /// <summary>The session; shakes hands when there is none. Whoever asks meanwhile waits for the same handshake, which goes on when they don't any more.</summary>
    /// <exception cref="CoapClientException">There is no session; the message says why.</exception>
    public Task<Association> EstablishAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_session is { IsWornOut: false } session)
            {
                return Task.FromResult(session);
            }

            if (_closed is not null)
            {
                throw _closed;
            }

            if (_handshake is null or { IsCompleted: true })
            {
                _session = null;
                var transport = _transport = new ClientTransport(datagram => _socket.Send(_server, datagram.Span));
                _handshake = Task.Factory.StartNew(() => ShakeHands(transport), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }

            return _handshake.WaitAsync(cancellation);
        }
    }

    /// <summary>Gives a session up, if it is still the one: the next request begins with a handshake.</summary>
    public void Forget(Association session)
    {
        lock (_gate)
        {
            if (_session == session)
            {
                _session = null;
            }
        }
    }

    /// <summary>The network says that the server can't be reached.</summary>
    public void Fail(CoapClientException reason) => _transport?.Fail(reason);

    public void Receive(IDatagramReceiver receiver)
    {
        _receiver = receiver;
        _socket.Receive(this);
    }

    public void Send(Peer peer, ReadOnlySpan<byte> datagram, bool atOnce = false)
    {
        if (_session is { } session)
        {
            Send(session, RecordType.ApplicationData, datagram);
        }
    }

    // RFC 5246 §7.2.1: so that the server need not keep the session.
    public void Wake()
    {
        CoapClientException closed = new(CoapClientError.Closed, "the client was closed before there was a DTLS session");
        Association? session;
        lock (_gate)
        {
            _closed = closed;
            (session, _session) = (_session, null);
        }

        _transport?.Fail(closed);
        if (session is not null)
        {
            Send(session, RecordType.Alert, [Warning, (byte)AlertDescription.close_notify]);
        }

        _socket.Wake();
    }

    public void Dispose() => _socket.Dispose();

    void IDatagramReceiver.Take(in Peer peer, ReadOnlySpan<byte> datagram)
    {
        if (_transport is { } transport)
        {
            transport.Hear(datagram);
        }
        else if (_session is { } session)
        {
            Open(session, datagram);
        }
    }

    void IDatagramReceiver.Drop(in Peer peer, DropReason reason) => _receiver!.Drop(peer, reason);

    private Association ShakeHands(ClientTransport transport)
    {
        try
        {
            var secrets = ClientHandshake.Run(transport, _settings, _patience);
            lock (_gate)
            {
                return _session = _closed is null ? new Association(HandshakeConnectionId.New(0), secrets, isServer: false, null, _server, _time.GetTimestamp()) : throw _closed;
            }
        }
        finally
        {
            _transport = null;
        }
    }

    // What is not protected belongs to no session: anybody could have sent it.
    private void Open(Association session, ReadOnlySpan<byte> datagram)
    {
        ReadOnlySpan<byte> own = session.HasConnectionId ? _settings.ConnectionId : [];
        while (Record.TryRead(datagram, own.Length, out var record))
        {
            if (record.Epoch == Association.Epoch
                && record.Type == RecordType.WithConnectionId == session.HasConnectionId
                && record.ConnectionId.SequenceEqual(own)
                && session.Open(record, _server, _time.GetTimestamp(), _opened, out var opened) == OpenResult.Opened)
            {
                Take(session, opened);
            }

            datagram = datagram[record.Whole.Length..];
        }
    }

    private void Take(Association session, in OpenedRecord opened)
    {
        switch (opened.Type)
        {
            case RecordType.ApplicationData:
                _receiver!.Take(_server, opened.Message);
                break;
            case RecordType.Alert when opened.Message.Length == 2 && (opened.Message[0] == Fatal || opened.Message[1] == AlertDescription.close_notify):
                Forget(session);
                _ended(new CoapClientException(CoapClientError.SessionEnded, $"the server ended the DTLS session: {AlertDescription.GetName(opened.Message[1])}"));
                break;
        }
    }

    private void Send(Association session, RecordType type, ReadOnlySpan<byte> message)
    {
        var length = session.Seal(type, message, Sealed);
        if (length > 0)
        {
            _socket.Send(_server, Sealed.AsSpan(0, length));
        }
    }
}
