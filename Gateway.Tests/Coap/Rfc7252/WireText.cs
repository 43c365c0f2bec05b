using System.Text;
using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>Datagrams as hex, and messages in a line of text, for tables that can be read.</summary>
internal static class WireText
{
    public static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    public static CoapOption Text(int number, string text) => new(number, Encoding.UTF8.GetBytes(text));

    /// <summary><c>Confirmable GET 0x0001 cafe 11=a 15=b |payload</c>; a byte that is no text as <c>&lt;ff&gt;</c>.</summary>
    public static string Describe(CoapMessage message) =>
        $"{message.Type} {message.Code} {message.Id} {message.Token} "
        + string.Concat(message.Options.Select(option => $"{option.Number}={Readable(option.Value.Span)} "))
        + $"|{Readable(message.Payload.Span)}";

    /// <summary>Asserts that the bytes are refused for that reason, and whether a CON of them would be reset.</summary>
    public static void AssertRefused(string hex, DecodeError expected)
    {
        Assert.That(CoapCodec.TryDecode(Bytes(hex), out var message, out var error), Is.False);
        Assert.That(error, Is.EqualTo(expected));
        Assert.That(message, Is.Null);
        Assert.That(error.IsFormatError(), Is.EqualTo(expected is not (DecodeError.TooShort or DecodeError.WrongVersion)));
    }

    private static string Readable(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (var value in bytes)
        {
            text.Append(value is >= 0x20 and < 0x7f ? $"{(char)value}" : $"<{value:x2}>");
        }

        return text.ToString();
    }
}
