using System.Buffers.Binary;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace Gateway.Coap.Dtls;

/// <summary>Seals and opens records (RFC 5246 §6.2.3.3, RFC 6655, RFC 9146 §5). A thread has its own engines, so that a session is no more than its keys.</summary>
//
//   fragment    | explicit nonce (8) | sealed content | tag |
//   nonce       | implicit (4) | explicit (8): epoch and sequence of the record, when this side writes it |
//   content     the message; with a connection id, the message and its type
//
internal sealed class RecordCipher
{
    private const int NonceSize = RecordSuite.ImplicitNonceSize + RecordSuite.ExplicitNonceSize;

    // RFC 5246 §6.2.3.3 and RFC 9146 §5.3: what is authenticated beside the content.
    private const int PlainAssociatedSize = 13;
    private const int NamedAssociatedSize = 23;

    [ThreadStatic]
    private static RecordCipher? _mine;

    private readonly CcmBlockCipher _ccm = new(AesUtilities.CreateEngine());
    private readonly GcmBlockCipher _gcm = new(AesUtilities.CreateEngine());

    /// <summary>The calling thread's.</summary>
    public static RecordCipher Mine => _mine ??= new RecordCipher();

    /// <summary>How much longer a record is than its message.</summary>
    public static int Overhead(RecordSuite suite, int connectionIdLength) =>
        Record.HeaderSize + connectionIdLength + RecordSuite.ExplicitNonceSize + suite.TagSize + (connectionIdLength > 0 ? 1 : 0);

    /// <summary>Writes a record; returns its length.</summary>
    public int Seal(RecordSuite suite, in RecordKey key, RecordType type, ulong epochAndSequence, ReadOnlySpan<byte> connectionId, ReadOnlySpan<byte> message, Span<byte> destination)
    {
        var named = !connectionId.IsEmpty;
        var content = message.Length + (named ? 1 : 0);
        var fragment = RecordSuite.ExplicitNonceSize + content + suite.TagSize;
        var head = Record.WriteHead(destination, named ? RecordType.WithConnectionId : type, epochAndSequence, connectionId, fragment);
        BinaryPrimitives.WriteUInt64BigEndian(destination[head..], epochAndSequence);
        var sealedAt = head + RecordSuite.ExplicitNonceSize;

        // Where the sealed content will stand, so that no other room is needed.
        var room = destination.Slice(sealedAt, content + suite.TagSize);
        Span<byte> plain = content <= 2048 ? stackalloc byte[content] : new byte[content];
        message.CopyTo(plain);
        if (named)
        {
            plain[^1] = (byte)type;
        }

        var nonce = NonceOf(key, destination.Slice(head, RecordSuite.ExplicitNonceSize));
        Run(suite, key, true, nonce, AssociatedOf(type, epochAndSequence, connectionId, content), plain, room);
        return head + fragment;
    }

    /// <summary>Opens a record into the room, which must be as long as its fragment. False when it is not what the holder of the key has written.</summary>
    public bool TryOpen(RecordSuite suite, in RecordKey key, in Record record, Span<byte> room, out RecordType type, out ReadOnlySpan<byte> message)
    {
        type = record.Type;
        message = default;
        var fragment = record.Fragment;
        var content = fragment.Length - RecordSuite.ExplicitNonceSize - suite.TagSize;
        if (content < 0 || content > Record.MaxText + (record.Type == RecordType.WithConnectionId ? 1 : 0))
        {
            return false;
        }

        try
        {
            var nonce = NonceOf(key, fragment[..RecordSuite.ExplicitNonceSize]);
            var associated = AssociatedOf(record.Type, record.EpochAndSequence, record.ConnectionId, content);
            Run(suite, key, false, nonce, associated, fragment[RecordSuite.ExplicitNonceSize..], room);
        }
        catch (InvalidCipherTextException)
        {
            return false;
        }

        message = room[..content];
        return record.Type != RecordType.WithConnectionId || TryUnwrap(ref message, out type);
    }

    // RFC 9146 §4: the type is the last byte that is not zero; the zeros behind it hide how long the message is.
    private static bool TryUnwrap(ref ReadOnlySpan<byte> content, out RecordType type)
    {
        var typeAt = content.LastIndexOfAnyExcept((byte)0);
        type = typeAt < 0 ? default : (RecordType)content[typeAt];
        content = typeAt < 0 ? default : content[..typeAt];
        return typeAt >= 0;
    }

    // A new array for each: the engine keeps the last one, to know one that is used again.
    private static byte[] NonceOf(in RecordKey key, ReadOnlySpan<byte> explicitNonce)
    {
        var nonce = new byte[NonceSize];
        BinaryPrimitives.WriteUInt32BigEndian(nonce, key.ImplicitNonce);
        explicitNonce.CopyTo(nonce.AsSpan(RecordSuite.ImplicitNonceSize));
        return nonce;
    }

    private static byte[] AssociatedOf(RecordType type, ulong epochAndSequence, ReadOnlySpan<byte> connectionId, int content)
    {
        if (connectionId.IsEmpty)
        {
            var plain = new byte[PlainAssociatedSize];
            BinaryPrimitives.WriteUInt64BigEndian(plain, epochAndSequence);
            plain[8] = (byte)type;
            BinaryPrimitives.WriteUInt16BigEndian(plain.AsSpan(9), Record.Version);
            BinaryPrimitives.WriteUInt16BigEndian(plain.AsSpan(11), (ushort)content);
            return plain;
        }

        var named = new byte[NamedAssociatedSize + connectionId.Length];
        named.AsSpan(0, 8).Fill(0xff);
        named[8] = (byte)RecordType.WithConnectionId;
        named[9] = (byte)connectionId.Length;
        named[10] = (byte)RecordType.WithConnectionId;
        BinaryPrimitives.WriteUInt16BigEndian(named.AsSpan(11), Record.Version);
        BinaryPrimitives.WriteUInt64BigEndian(named.AsSpan(13), epochAndSequence);
        connectionId.CopyTo(named.AsSpan(21));
        BinaryPrimitives.WriteUInt16BigEndian(named.AsSpan(21 + connectionId.Length), (ushort)content);
        return named;
    }

    private void Run(RecordSuite suite, in RecordKey key, bool seal, byte[] nonce, byte[] associated, ReadOnlySpan<byte> input, Span<byte> output)
    {
        var parameters = new AeadParameters(new KeyParameter(key.Key), suite.TagSize * 8, nonce, associated);
        if (suite.Counter)
        {
            _ccm.Init(seal, parameters);
            _ccm.ProcessPacket(input, output);
        }
        else
        {
            _gcm.Init(seal, parameters);
            var written = _gcm.ProcessBytes(input, output);
            _gcm.DoFinal(output[written..]);
        }
    }
}
