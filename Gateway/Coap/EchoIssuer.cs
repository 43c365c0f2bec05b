using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Gateway.Coap;

/// <summary>
/// Makes the values of Echo options (RFC 9175 §2.2), and knows its own again: who sends one back has received it where it says that it is.
/// Nothing is kept of a value but the key. Pure.
/// </summary>
/// <param name="key">A secret: who has it can make values for others.</param>
/// <param name="lifetime">For how many seconds a value is good.</param>
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---------------------------------------------------------------+
//   |                  second in which it was made                  |
//   +---------------------------------------------------------------+
//   |         the first 12 bytes of HMAC-SHA256 with the key        |
//   |       of the second, the peer's address, port and scope       |
//   |                                                               |
//   +---------------------------------------------------------------+
//
// RFC 9175, appendix A, item 2: an integrity protected time stamp. §2.3: to show that a peer can be reached it should have its address.
internal sealed class EchoIssuer(byte[] key, uint lifetime)
{
    /// <summary>How long a value is, in bytes.</summary>
    public const int Length = TimeLength + TagLength;

    // A guess is right once in 2^96.
    private const int TagLength = 12;
    private const int TimeLength = 4;
    private const int InputLength = TimeLength + 16 + 2 + 4;

    /// <summary>The value for the peer in a second, counted from wherever the caller likes.</summary>
    public byte[] Issue(in Peer peer, uint second)
    {
        var value = new byte[Length];
        BinaryPrimitives.WriteUInt32BigEndian(value, second);
        WriteTag(peer, second, value.AsSpan(TimeLength));
        return value;
    }

    /// <summary>Whether the value was made for the peer, and not too long ago.</summary>
    public bool IsFresh(in Peer peer, ReadOnlySpan<byte> value, uint second)
    {
        if (value.Length != Length)
        {
            return false;
        }

        Span<byte> tag = stackalloc byte[TagLength];
        var issued = BinaryPrimitives.ReadUInt32BigEndian(value);
        WriteTag(peer, issued, tag);
        return CryptographicOperations.FixedTimeEquals(tag, value[TimeLength..]) && second - issued <= lifetime;
    }

    private void WriteTag(in Peer peer, uint second, Span<byte> destination)
    {
        Span<byte> input = stackalloc byte[InputLength];
        BinaryPrimitives.WriteUInt32BigEndian(input, second);
        BinaryPrimitives.WriteUInt128BigEndian(input[4..], peer.Address);
        BinaryPrimitives.WriteUInt16BigEndian(input[20..], peer.Port);
        BinaryPrimitives.WriteUInt32BigEndian(input[22..], peer.Scope);
        Span<byte> tag = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, input, tag);
        tag[..TagLength].CopyTo(destination);
    }
}
