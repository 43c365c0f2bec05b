using System.Globalization;

namespace Gateway.Coap;

/// <summary>The number by which duplicates are known and acknowledgements are matched (RFC 7252 §4.4).</summary>
internal readonly record struct MessageId(ushort Value)
{
    public MessageId Next => new(unchecked((ushort)(Value + 1)));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:x4}");
}
