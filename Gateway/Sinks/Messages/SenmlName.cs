using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gateway.Sinks;

/// <summary>
/// Names as SenML allows them. RFC 8428 §4.5.1: only <c>A-Z a-z 0-9 - : . / _</c>, and the first is a letter or a digit. Any other byte of
/// the UTF-8 becomes <c>_</c> and its two hexadecimal digits, and a name that begins with a sign gets an <c>x</c> before it.
/// </summary>
internal static class SenmlName
{
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-:./_");

    /// <summary>What stands before the names of a device's readings.</summary>
    public static string BaseOf(string deviceId)
    {
        var name = Escape(deviceId) + "/";
        return char.IsAsciiLetterOrDigit(name[0]) ? name : "x" + name;
    }

    public static string Escape(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Allowed))
        {
            return text;
        }

        var name = new StringBuilder();
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (Allowed.Contains((char)value))
            {
                name.Append((char)value);
            }
            else
            {
                name.Append('_').Append(value.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return name.ToString();
    }
}
