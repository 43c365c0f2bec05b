using System.Buffers.Binary;
using Gateway.Coap;
using Gateway.Coap.Dtls;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>The two sides of a session, with the keys that a handshake would have left them: all from a number.</summary>
internal static class SessionPair
{
    private static readonly RecordSuite[] Suites = [.. RecordSuite.All.Where(suite => !suite.NeedsCertificate)];

    /// <summary>The server's side.</summary>
    /// <param name="number">Its number, which is its connection id if it has one.</param>
    /// <param name="source">Where its peer is.</param>
    /// <param name="now">The time, as a timestamp.</param>
    /// <param name="named">Whether it has a connection id.</param>
    /// <param name="home">The socket at which it began.</param>
    public static Association Server(ulong number, in Peer source, long now = 0, bool named = false, DtlsSocket? home = null) =>
        new(number, Secrets(number) with { OwnConnectionId = named ? HandshakeConnectionId.ToBytes(number) : [] }, isServer: true, null, source, now) { Home = home };

    /// <summary>Its peer's side.</summary>
    public static Association Client(ulong number, in Peer server, bool named = false) =>
        new(number, Secrets(number) with { PeerConnectionId = named ? HandshakeConnectionId.ToBytes(number) : [] }, isServer: false, null, server, 0);

    /// <summary>The next record of one side.</summary>
    public static byte[] Seal(this Association side, ReadOnlySpan<byte> message, RecordType type = RecordType.ApplicationData)
    {
        var room = new byte[message.Length + side.Overhead];
        return room[..side.Seal(type, message, room)];
    }

    /// <summary>
    /// Does what a client does on a thread of its own, as it would in a device: the engines of a thread do not seal with a key and a nonce
    /// that they have been given just before to open with, and a test may have them open anything.
    /// </summary>
    public static T Elsewhere<T>(Func<T> work)
    {
        T result = default!;
        var thread = new Thread(() => result = work());
        thread.Start();
        thread.Join();
        return result;
    }

    /// <summary>Has a server's side hear a message of its peer.</summary>
    public static void Speak(this Association server, long now)
    {
        var sealedRecord = Client(server.Number, server.Source, server.HasConnectionId).Seal("here"u8);
        Assert.That(Record.TryRead(sealedRecord, HandshakeConnectionId.Length, out var record), Is.True);
        Assert.That(server.Open(record, server.Source, now, new byte[sealedRecord.Length], out _), Is.EqualTo(OpenResult.Opened));
    }

    private static SessionSecrets Secrets(ulong number)
    {
        var suite = Suites[(int)(number % (ulong)Suites.Length)];
        var block = new byte[suite.KeyBlockSize];
        BinaryPrimitives.WriteUInt64BigEndian(block, number);
        BinaryPrimitives.WriteUInt64BigEndian(block.AsSpan(suite.KeySize), ~number);
        return new SessionSecrets { Suite = suite, KeyBlock = block };
    }
}
