using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Unicode;

namespace Gateway.Coap;

/// <summary>A <c>coap://host[:port]/path?query</c>, or the same with <c>coaps</c>, taken apart as RFC 7252 §6.4 says. Path and query are decoded.</summary>
internal sealed record CoapUri(string Host, int Port, IReadOnlyList<string> Path, IReadOnlyList<string> Query)
{
    public const int DefaultPort = 5683;
    public const int DefaultSecurePort = 5684;
    private const string Scheme = "coap://";
    private const string SecureScheme = "coaps://";
    private const int MaxOptionLength = 255;

    /// <summary>Whether it is asked over DTLS (RFC 7252 §6.2).</summary>
    public bool IsSecure { get; init; }

    /// <summary>The options that say this to the server. Uri-Host only for a name: address and port are in the datagram already.</summary>
    public IEnumerable<CoapOption> ToOptions()
    {
        if (!IPAddress.TryParse(Host, out _))
        {
            yield return Text(OptionNumber.UriHost, Host);
        }

        foreach (var segment in Path)
        {
            yield return Text(OptionNumber.UriPath, segment);
        }

        foreach (var argument in Query)
        {
            yield return Text(OptionNumber.UriQuery, argument);
        }
    }

    /// <summary>Reads a URI. The error says what is wrong with it, for a person.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out CoapUri? uri, [NotNullWhen(false)] out string? error)
    {
        uri = null;
        error = null;
        var isSecure = text.StartsWith(SecureScheme, StringComparison.OrdinalIgnoreCase);
        var scheme = isSecure ? SecureScheme : Scheme;
        if (!text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
        {
            error = $"\"{text}\" begins neither with {Scheme} nor with {SecureScheme}";
            return false;
        }

        if (text.Contains('#', StringComparison.Ordinal))
        {
            error = $"\"{text}\" has a fragment (#), which CoAP can't carry";
            return false;
        }

        var rest = text[scheme.Length..];
        var queryAt = rest.IndexOf('?', StringComparison.Ordinal);
        var beforeQuery = queryAt < 0 ? rest : rest[..queryAt];
        var pathAt = beforeQuery.IndexOf('/', StringComparison.Ordinal);
        if (!TryReadAuthority(pathAt < 0 ? beforeQuery : beforeQuery[..pathAt], isSecure ? DefaultSecurePort : DefaultPort, out var host, out var port))
        {
            error = $"\"{text}\" needs a host, and a port from 1 to 65535 if it names one: {scheme}host:port/path";
            return false;
        }

        // RFC 7252 §6.4: neither an empty path nor "/" has a Uri-Path option.
        if (!TryReadParts(pathAt < 0 ? "" : beforeQuery[(pathAt + 1)..], '/', out var path)
            || !TryReadParts(queryAt < 0 ? "" : rest[(queryAt + 1)..], '&', out var query))
        {
            error = $"\"{text}\" has a part that is longer than {MaxOptionLength} bytes or wrongly percent-encoded";
            return false;
        }

        uri = new CoapUri(host, port, path, query) { IsSecure = isSecure };
        return true;
    }

    private static CoapOption Text(int number, string value) => new(number, Encoding.UTF8.GetBytes(value));

    private static bool TryReadAuthority(string authority, int defaultPort, out string host, out int port)
    {
        // An IPv6 address is in brackets, because it has colons itself.
        var hostEnd = authority.StartsWith('[')
            ? authority.IndexOf(']', StringComparison.Ordinal) + 1
            : authority.IndexOf(':', StringComparison.Ordinal);
        hostEnd = hostEnd < 0 ? authority.Length : hostEnd;
        var portText = authority[hostEnd..];
        port = defaultPort;
        host = authority[..hostEnd];
        if (host.StartsWith('['))
        {
            // RFC 6874: a zone is set off by %25.
            host = host[1..^1].Replace("%25", "%", StringComparison.Ordinal);
            if (!IPAddress.TryParse(host, out _))
            {
                return false;
            }
        }

        return host.Length is > 0 and <= MaxOptionLength && (portText.Length == 0 || TryReadPort(portText, out port));
    }

    private static bool TryReadPort(string text, out int port)
    {
        port = 0;
        return text[0] == ':'
            && int.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is > 0 and <= 65535;
    }

    private static bool TryReadParts(string text, char separator, out List<string> parts)
    {
        parts = [];
        if (text.Length == 0)
        {
            return true;
        }

        foreach (var part in text.Split(separator))
        {
            if (!TryDecode(part, out var decoded))
            {
                return false;
            }

            parts.Add(decoded);
        }

        return true;
    }

    private static bool TryDecode(string text, out string decoded)
    {
        decoded = "";
        var bytes = new List<byte>(Encoding.UTF8.GetBytes(text));
        for (var index = 0; index < bytes.Count; index++)
        {
            if (bytes[index] != '%')
            {
                continue;
            }

            if (index + 2 >= bytes.Count || !char.IsAsciiHexDigit((char)bytes[index + 1]) || !char.IsAsciiHexDigit((char)bytes[index + 2]))
            {
                return false;
            }

            bytes[index] = Convert.FromHexString([(char)bytes[index + 1], (char)bytes[index + 2]])[0];
            bytes.RemoveRange(index + 1, 2);
        }

        var raw = bytes.ToArray();
        if (raw.Length > MaxOptionLength || !Utf8.IsValid(raw))
        {
            return false;
        }

        decoded = Encoding.UTF8.GetString(raw);
        return true;
    }
}
