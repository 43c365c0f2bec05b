using System.Net;
using System.Net.Sockets;
using Gateway.Coap.Dtls;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>
/// BouncyCastle's client, with a key in common: it shakes hands as a stack of another make does, and what comes after that the test writes
/// record by record, also what no client would.
/// </summary>
internal sealed class BouncyClient : IDisposable
{
    private const int Patience = 10_000;

    private readonly byte[] _room = new byte[65536];

    private readonly int _nameLength;

    private BouncyClient(Socket socket, Association session, int nameLength) => (Socket, Session, _nameLength) = (socket, session, nameLength);

    public Socket Socket { get; private set; }

    public Association Session { get; }

    /// <summary>The number of the record that came last.</summary>
    public ulong LastSequence { get; private set; }

    /// <summary>The datagram that was sent last.</summary>
    public byte[] LastSent { get; private set; } = [];

    /// <summary>Shakes hands.</summary>
    /// <exception cref="TlsFatalAlertReceived">The server did not want to.</exception>
    public static async Task<BouncyClient> ConnectAsync(EndPoint server, BouncyOffer offer)
    {
        var socket = Open(server);
        try
        {
            var client = new Client(offer);
            var transport = new Transport(socket);
            await Task.Run(() => new DtlsClientProtocol().Connect(client, transport));
            var secrets = client.Secrets! with { NextSequence = 64 };
            return new BouncyClient(socket, new Association(1, secrets, isServer: false, null, default, 0), offer.ConnectionId?.Length ?? 0);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Goes on from another port.</summary>
    public void Move()
    {
        var server = Socket.RemoteEndPoint!;
        Socket.Dispose();
        Socket = Open(server);
    }

    public void Send(RecordType type, params byte[] message)
    {
        LastSent = _room[..Session.Seal(type, message, _room)];
        Socket.Send(LastSent);
    }

    public void SendAsItIs(ReadOnlySpan<byte> datagram) => Socket.Send(datagram);

    /// <summary>A request; gives the whole answer, without what came before it.</summary>
    public string Ask(string path, ushort messageId)
    {
        var option = System.Text.Encoding.UTF8.GetBytes(path);
        Send(RecordType.ApplicationData, [0x40, 0x01, (byte)(messageId >> 8), (byte)messageId, (byte)(0xb0 + option.Length), .. option]);
        while (true)
        {
            var (type, message) = Receive();
            if (type == RecordType.ApplicationData && message.Length > 4 && message[2] == (byte)(messageId >> 8) && message[3] == (byte)messageId)
            {
                return System.Text.Encoding.UTF8.GetString(message.AsSpan(5));
            }
        }
    }

    /// <summary>The next record of the session.</summary>
    public (RecordType Type, byte[] Message) Receive()
    {
        var room = new byte[_room.Length];
        while (true)
        {
            var datagram = ReceiveAsItIs();
            while (Record.TryRead(datagram, _nameLength, out var record))
            {
                if (Session.Open(record, default, 0, room, out var opened) == OpenResult.Opened)
                {
                    return (opened.Type, opened.Message.ToArray());
                }

                datagram = datagram[record.Whole.Length..];
            }
        }
    }

    /// <summary>The next datagram; the number of its first record is kept.</summary>
    public byte[] ReceiveAsItIs()
    {
        var length = Socket.Receive(_room);
        if (Record.TryRead(_room.AsSpan(0, length), _nameLength, out var record))
        {
            LastSequence = record.Sequence;
        }

        return _room[..length];
    }

    public void Dispose() => Socket.Dispose();

    private static Socket Open(EndPoint server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = Patience };
        socket.Connect(server);
        return socket;
    }

    private sealed class Client(BouncyOffer offer) : AbstractTlsClient(new BcTlsCrypto())
    {
        public SessionSecrets? Secrets { get; private set; }

        public override int GetHandshakeTimeoutMillis() => Patience;

        public override bool ShouldUseExtendedMasterSecret() => offer.ExtendedMasterSecret;

        public override TlsPskIdentity GetPskIdentity() => new BasicTlsPskIdentity(offer.Identity, System.Text.Encoding.UTF8.GetBytes(offer.Key));

        public override TlsAuthentication GetAuthentication() => throw new TlsFatalAlert(AlertDescription.unexpected_message);

        public override IDictionary<int, byte[]> GetClientExtensions()
        {
            var extensions = base.GetClientExtensions();
            if (offer.MaxFragmentLength is { } length)
            {
                TlsExtensionsUtilities.AddMaxFragmentLengthExtension(extensions, length);
            }

            return extensions;
        }

        public override void NotifyHandshakeComplete()
        {
            base.NotifyHandshakeComplete();
            Secrets = SessionSecrets.Of(m_context);
        }

        protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.DTLSv12.Only();

        protected override int[] GetSupportedCipherSuites() => [offer.Suite];

        protected override byte[]? GetNewConnectionID() => offer.ConnectionId;
    }

    private sealed class Transport(Socket socket) : DatagramTransport
    {
        public int GetReceiveLimit() => 1500;

        public int GetSendLimit() => 1500;

        public int Receive(byte[] buf, int off, int len, int waitMillis) => Receive(buf.AsSpan(off, len), waitMillis);

        public int Receive(Span<byte> buffer, int waitMillis)
        {
            try
            {
                return socket.Poll(TimeSpan.FromMilliseconds(waitMillis), SelectMode.SelectRead) ? socket.Receive(buffer) : -1;
            }
            catch (SocketException)
            {
                return -1;
            }
        }

        public void Send(byte[] buf, int off, int len) => Send(buf.AsSpan(off, len));

        public void Send(ReadOnlySpan<byte> buffer) => socket.Send(buffer);

        public void Close()
        {
        }
    }
}

/// <summary>What a client offers.</summary>
internal sealed record BouncyOffer
{
    public string Identity { get; init; } = "sensor-1";

    public string Key { get; init; } = "correct horse";

    public int Suite { get; init; } = CipherSuite.TLS_PSK_WITH_AES_128_CCM_8;

    public bool ExtendedMasterSecret { get; init; } = true;

    /// <summary>The name that the server is to put on its records; empty for none, null for not to speak of names at all.</summary>
    public byte[]? ConnectionId { get; init; }

    public short? MaxFragmentLength { get; init; }
}
