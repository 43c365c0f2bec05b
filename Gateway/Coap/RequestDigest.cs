using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Gateway.Coap;

/// <summary>What makes a request what it is, in sixteen bytes however long it is. Pure.</summary>
// A digest that nobody can make collide: a peer could otherwise get what belongs to another request.
internal static class RequestDigest
{
    private const int OptionHeaderSize = 4;

    /// <summary>The digest of a whole message, but for its type: a device may repeat it from another address.</summary>
    public static UInt128 Of(MessageId id, Token token, CoapCode method, IReadOnlyList<CoapOption> options, ReadOnlySpan<byte> payload)
    {
        var bytes = new ArrayBufferWriter<byte>();
        BinaryPrimitives.WriteUInt16BigEndian(bytes.GetSpan(sizeof(ushort)), id.Value);
        bytes.Advance(sizeof(ushort));
        bytes.Write([(byte)token.Length]);
        token.CopyTo(bytes.GetSpan(Token.MaxLength));
        bytes.Advance(token.Length);
        return Of(bytes, method, options, static _ => true, payload);
    }

    /// <summary>The digest of the method, of the options that count, in their order, and of the payload.</summary>
    public static UInt128 Of(CoapCode method, IReadOnlyList<CoapOption> options, Func<int, bool> counts, ReadOnlySpan<byte> payload = default) =>
        Of(new ArrayBufferWriter<byte>(), method, options, counts, payload);

    private static UInt128 Of(
        ArrayBufferWriter<byte> bytes, CoapCode method, IReadOnlyList<CoapOption> options, Func<int, bool> counts, ReadOnlySpan<byte> payload)
    {
        bytes.Write([method.Value]);
        for (var index = 0; index < options.Count; index++)
        {
            var (number, value) = options[index];
            if (counts(number))
            {
                WriteHeader(bytes, number, value.Length);
                bytes.Write(value.Span);
            }
        }

        // What stands last is the payload.
        WriteHeader(bytes, 0, payload.Length);
        bytes.Write(payload);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes.WrittenSpan, digest);
        return BinaryPrimitives.ReadUInt128BigEndian(digest);
    }

    // Number and length go with a value: no sequence of options may look like another.
    private static void WriteHeader(ArrayBufferWriter<byte> bytes, int number, int length)
    {
        var header = bytes.GetSpan(OptionHeaderSize);
        BinaryPrimitives.WriteUInt16BigEndian(header, (ushort)number);
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)length);
        bytes.Advance(OptionHeaderSize);
    }
}
