using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Gateway.Coap;

/// <summary>Which body a transfer is about.</summary>
internal enum BlockDirection
{
    /// <summary>A request's body, in Block1.</summary>
    Upload,

    /// <summary>An answer's body, in Block2.</summary>
    Download,
}

/// <summary>
/// By what the blocks of one transfer are known: who asks, and all that makes its request what it is. RFC 7959 §2.4, §2.5: one
/// endpoint has one transfer at a time for each resource, unless the requests differ in their Request-Tag (RFC 9175 §3.3) or in
/// another option.
/// </summary>
/// <param name="Peer">Its address and port.</param>
/// <param name="Direction">Whose body it is: one request can have both.</param>
/// <param name="Digest">Of the method and the options, so that a key is small however long they are.</param>
internal readonly record struct BlockKey(Peer Peer, BlockDirection Direction, UInt128 Digest)
{
    private const int OptionHeaderSize = 4;

    public static BlockKey Of(Peer peer, BlockDirection direction, CoapCode method, IReadOnlyList<CoapOption> options)
    {
        var bytes = new ArrayBufferWriter<byte>();
        bytes.Write([method.Value]);
        for (var index = 0; index < options.Count; index++)
        {
            var (number, value) = options[index];
            if (IsPartOfKey(number))
            {
                // Number and length go with it: no sequence of options may look like another.
                var header = bytes.GetSpan(OptionHeaderSize);
                BinaryPrimitives.WriteUInt16BigEndian(header, (ushort)number);
                BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)value.Length);
                bytes.Advance(OptionHeaderSize);
                bytes.Write(value.Span);
            }
        }

        // A digest that nobody can make collide: a peer could otherwise have its blocks mixed up.
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes.WrittenSpan, digest);
        return new BlockKey(peer, direction, BinaryPrimitives.ReadUInt128BigEndian(digest));
    }

    // What may differ from block to block: which block it is, what RFC 7252 §5.4.6 calls NoCacheKey (Size1, Size2, Echo), and what
    // is said of one exchange alone. RFC 7959 §2.6: only the first block is asked for with Observe.
    private static bool IsPartOfKey(int number) =>
        (number & 0x1e) != 0x1c && number is not (OptionNumber.Block1 or OptionNumber.Block2 or OptionNumber.Observe or OptionNumber.NoResponse);
}
