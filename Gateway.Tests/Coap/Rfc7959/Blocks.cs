using System.Globalization;
using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc7959;

/// <summary>Blocks as RFC 7959 §3 writes them, <c>NUM/M/size</c>, for scripts that read like its figures.</summary>
internal static class Blocks
{
    public static CoapOption Block1(string block) => Parse(block).ToOption(OptionNumber.Block1);

    public static CoapOption Block2(string block) => Parse(block).ToOption(OptionNumber.Block2);

    public static CoapOption RequestTag(params byte[] value) => new(OptionNumber.RequestTag, value);

    public static CoapOption Uint(int number, uint value) => UintOption.Of(number, value);

    /// <summary>A text in which every place looks different from its neighbours.</summary>
    public static string Text(int length) => string.Concat(Enumerable.Range(0, (length / 4) + 1).Select(place => $"{place:x4}"))[..length];

    /// <summary>The part of the text that a block is about.</summary>
    public static string Part(string text, string block)
    {
        var (offset, size) = (Parse(block).Offset, Parse(block).Size);
        return text[offset..Math.Min(offset + size, text.Length)];
    }

    /// <summary>The Block options of what was expected last: <c>1:0/1/128 2:0/1/64</c>.</summary>
    public static ScriptedPeer Carrying(this ScriptedPeer peer, string blocks)
    {
        Assert.That(string.Join(' ', new[] { (1, OptionNumber.Block1), (2, OptionNumber.Block2) }.Select(kind => Find(peer.Last, kind)).OfType<string>()), Is.EqualTo(blocks));
        return peer;
    }

    /// <summary>The payload of what was expected last.</summary>
    public static ScriptedPeer Saying(this ScriptedPeer peer, string payload)
    {
        Assert.That(peer.LastText, Is.EqualTo(payload));
        return peer;
    }

    public static uint? FindUint(this CoapMessage message, int number) => BlockOptions.FindUint(message.Options, number);

    public static string? ETag(this CoapMessage message) =>
        BlockOptions.Find(message.Options, OptionNumber.ETag) is { } value ? Convert.ToHexStringLower(value.Span) : null;

    private static string? Find(CoapMessage message, (int Name, int Number) kind)
    {
        Assert.That(BlockOptions.TryFind(message.Options, kind.Number, out var block), Is.True);
        return block is { } found ? $"{kind.Name}:{found}" : null;
    }

    private static BlockOption Parse(string block)
    {
        var parts = block.Split('/').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return new BlockOption(parts[0], parts[1] == 1, BlockOption.ExponentFor(parts[2]));
    }
}
