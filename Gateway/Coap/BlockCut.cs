using System.Security.Cryptography;

namespace Gateway.Coap;

/// <summary>A block of a whole answer (RFC 7959 §2.4). Pure.</summary>
internal static class BlockCut
{
    /// <summary>The largest body that can be cut into blocks of any size: 1,048,576 of 16 bytes.</summary>
    public const int MaxBodySize = (BlockOption.MaxNumber + 1) * 16;

    private const int ETagLength = 8;

    /// <summary>The answer with one block of its body; null when the body has no such block.</summary>
    /// <param name="whole">The whole answer.</param>
    /// <param name="asked">The block that is asked for.</param>
    /// <param name="sizeExponent">The server's own size: blocks are never larger than this or than what is asked for.</param>
    /// <param name="withSize">Whether to say how large the body is (RFC 7959 §4).</param>
    public static CoapResponse? Of(CoapResponse whole, BlockOption asked, int sizeExponent, bool withSize)
    {
        if (asked.Number > 0 && asked.Offset >= whole.Payload.Length)
        {
            return null;
        }

        // In a smaller size than what was asked for, the same byte stands in a block with a larger number.
        var exponent = Math.Min(asked.SizeExponent, sizeExponent);
        var size = 16 << exponent;
        var end = Math.Min(asked.Offset + size, whole.Payload.Length);
        var block = new BlockOption(asked.Offset / size, end < whole.Payload.Length, exponent);
        return whole with { Payload = whole.Payload[asked.Offset..end], MoreOptions = [.. OptionsOf(whole, block, withSize)] };
    }

    /// <summary>
    /// The answer with an ETag, if it is a representation that was fetched and has none: by it the client knows that blocks belong
    /// together (RFC 7959 §2.4).
    /// </summary>
    public static CoapResponse Named(CoapResponse whole, CoapCode method) =>
        whole.Code != CoapCode.Content || !whole.ETag.IsEmpty || (method != CoapCode.Get && method != CoapCode.Fetch) ? whole
        : whole with { ETag = SHA256.HashData(whole.Payload.Span).AsMemory(0, ETagLength) };

    /// <summary>A diagnostic text (RFC 7252 §5.5.2), no longer than a block: an error can't have an ETag that would keep blocks together.</summary>
    public static CoapResponse Shortened(CoapResponse error, int size)
    {
        if (error.Payload.Length <= size)
        {
            return error;
        }

        // Not in the midst of a character, of which UTF-8 has four bytes at most.
        while (size > 0 && (error.Payload.Span[size] & 0xc0) == 0x80)
        {
            size--;
        }

        return error with { Payload = error.Payload[..size] };
    }

    private static IEnumerable<CoapOption> OptionsOf(CoapResponse whole, BlockOption block, bool withSize)
    {
        // RFC 7959 §2.6: a notification is its first block; the further ones are answers like any other. And a block of a request's body
        // is acknowledged once.
        foreach (var option in whole.MoreOptions.Where(
            option => block.Number == 0 || option.Number is not (OptionNumber.Observe or OptionNumber.Block1)))
        {
            yield return option;
        }

        yield return block.ToOption(OptionNumber.Block2);
        if (withSize || (block.Number == 0 && block.More))
        {
            yield return UintOption.Of(OptionNumber.Size2, (uint)whole.Payload.Length);
        }
    }
}
