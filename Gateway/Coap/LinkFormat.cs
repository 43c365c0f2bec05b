using System.Globalization;

namespace Gateway.Coap;

/// <summary>CoRE Link Format (RFC 6690): how links are written, and which of them a query picks. Pure.</summary>
//
//   </large>;rt="block big";sz=1280;title="Large resource",</obs>;ct=0;obs
//
internal static class LinkFormat
{
    /// <summary>The links as one text, in their order.</summary>
    public static string Write(IEnumerable<ResourceLink> links) => string.Join(',', links.Select(Write));

    /// <summary>Whether a Uri-Query picks the link: <c>name=value</c>, where a * at the end of the value stands for anything (RFC 6690 §4.1).</summary>
    public static bool Matches(ResourceLink link, string query)
    {
        // A query without a value is none that the RFC knows, and picks nothing; nor does an attribute that the link does not have.
        var separator = query.IndexOf('=', StringComparison.Ordinal);
        return separator >= 0 && ValuesOf(link, query[..separator]).Any(value => MatchesText(value, query[(separator + 1)..]));
    }

    private static IEnumerable<string> ValuesOf(ResourceLink link, string name) => name switch
    {
        "href" => [link.Path],
        "ct" => link.ContentFormats.Select(Number),
        _ => from attribute in link.Attributes where attribute.Name == name from value in ValuesOf(attribute) select value,
    };

    // RFC 6690 §4.1: of a list of relation types any may match; any other value is one value, blanks and all.
    private static string[] ValuesOf(LinkAttribute attribute) => attribute.Name is "rt" or "if" or "rel" or "rev"
        ? (attribute.Value ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
        : [attribute.Value ?? ""];

    private static bool MatchesText(string text, string pattern) => pattern.EndsWith('*')
        ? text.StartsWith(pattern[..^1], StringComparison.Ordinal)
        : text == pattern;

    private static string Write(ResourceLink link) => $"<{link.Path}>{WriteFormats(link.ContentFormats)}{string.Concat(link.Attributes.Select(Write))}";

    // RFC 7252 §7.2.1: ct is a number, or several in quotes.
    private static string WriteFormats(IReadOnlyCollection<int> formats) => formats.Count switch
    {
        0 => "",
        1 => $";ct={Number(formats.First())}",
        _ => $";ct=\"{string.Join(' ', formats.Select(Number))}\"",
    };

    // RFC 6690 §2: sz is a number as it is, all else may be in quotes.
    private static string Write(LinkAttribute attribute) => attribute switch
    {
        { Value: null } => $";{attribute.Name}",
        { Name: "sz" } => $";sz={attribute.Value}",
        _ => $";{attribute.Name}=\"{attribute.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"",
    };

    private static string Number(int format) => format.ToString(CultureInfo.InvariantCulture);
}
