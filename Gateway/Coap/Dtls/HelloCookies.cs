using System.Buffers.Binary;
using System.Security.Cryptography;
using Org.BouncyCastle.Tls;

namespace Gateway.Coap.Dtls;

/// <summary>
/// Has whoever begins a handshake show first that it receives at its address (RFC 6347 §4.2.1): nothing is kept of a ClientHello without
/// the right cookie. The secret changes, so that what somebody has gathered is worth nothing later. Methods may be called from any thread.
/// </summary>
internal sealed class HelloCookies(TimeProvider time)
{
    // Where a ClientHello has its random, behind the heads of record and message and the version.
    private const int RandomAt = Record.HeaderSize + 12 + 2;
    private const int MessageTypeAt = Record.HeaderSize;
    private const int AddressSize = 16 + sizeof(ushort);

    // Twice as long as a client with the patience of RFC 6347 §4.2.4.1 takes to come back.
    private static readonly TimeSpan SecretTime = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private DtlsVerifier _current = NewVerifier();
    private DtlsVerifier _previous = NewVerifier();
    private long _changedAt = time.GetTimestamp();

    /// <summary>Whether a datagram begins with a ClientHello.</summary>
    public static bool IsHello(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= RandomAt + 32 && datagram[0] == (byte)RecordType.Handshake && datagram[MessageTypeAt] == HandshakeType.client_hello;

    /// <summary>By what a ClientHello is known when it comes again, whatever its cookie.</summary>
    public static UInt128 DigestOf(ReadOnlySpan<byte> hello) => BinaryPrimitives.ReadUInt128BigEndian(hello[RandomAt..]);

    /// <summary>What a ClientHello asks for, when its cookie is right; otherwise null, and then the challenge is to be sent, if there is one.</summary>
    public DtlsRequest? Verify(in Peer source, ReadOnlySpan<byte> hello, out byte[]? challenge)
    {
        var (current, previous) = Verifiers();
        var client = new byte[AddressSize];
        BinaryPrimitives.WriteUInt128BigEndian(client, source.Address);
        BinaryPrimitives.WriteUInt16BigEndian(client.AsSpan(16), source.Port);
        var datagram = hello.ToArray();
        var answer = new Answer();
        challenge = null;
        if (current.VerifyRequest(client, datagram, 0, datagram.Length, answer) is { } request)
        {
            return request;
        }

        // One that came without a cookie has not met the previous secret.
        if (answer.Datagram is not null && previous.VerifyRequest(client, datagram, 0, datagram.Length, new Answer()) is { } earlier)
        {
            return earlier;
        }

        challenge = answer.Datagram;
        return null;
    }

    private static DtlsVerifier NewVerifier() => new(new ReplayedCrypto(RandomNumberGenerator.GetBytes(64)));

    private (DtlsVerifier Current, DtlsVerifier Previous) Verifiers()
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_changedAt) > SecretTime)
            {
                (_current, _previous, _changedAt) = (NewVerifier(), _current, time.GetTimestamp());
            }

            return (_current, _previous);
        }
    }

    private sealed class Answer : Org.BouncyCastle.Tls.DatagramSender
    {
        public byte[]? Datagram { get; private set; }

        public int GetSendLimit() => 1024;

        public void Send(byte[] buf, int off, int len) => Datagram = buf[off..(off + len)];

        public void Send(ReadOnlySpan<byte> buffer) => Datagram = buffer.ToArray();
    }
}
