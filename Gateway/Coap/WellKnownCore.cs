using System.Globalization;
using System.Text;

namespace Gateway.Coap;

/// <summary><c>/.well-known/core</c>: what there is to ask, in CoRE Link Format (RFC 6690).</summary>
internal sealed class WellKnownCore(ICoapSite site) : CoapResource
{
    private static readonly HashSet<CoapCode> OnlyGet = [CoapCode.Get];

    public override IReadOnlySet<CoapCode> Methods => OnlyGet;

    public override int? Produces => ContentFormat.LinkFormat;

    public static bool IsAt(IReadOnlyList<string> path) => path.Count == 2 && path[0] == ".well-known" && path[1] == "core";

    public override ValueTask<CoapResponse> AnswerAsync(CoapRequest request, CancellationToken cancellation)
    {
        var links = site.Links.Where(link => request.Query.All(query => Matches(link, query))).Select(Format);
        return ValueTask.FromResult(new CoapResponse(CoapCode.Content)
        {
            ContentFormat = ContentFormat.LinkFormat,
            Payload = Encoding.UTF8.GetBytes(string.Join(',', links)),
        });
    }

    // RFC 6690 §4.1: name=value, where a * at the end of the value stands for anything. An attribute that our links do not have
    // (rt, if, sz, ...) matches none of them.
    private static bool Matches(ResourceLink link, string query)
    {
        var separator = query.IndexOf('=', StringComparison.Ordinal);
        if (separator < 0)
        {
            return false;
        }

        var pattern = query[(separator + 1)..];
        return query[..separator] switch
        {
            "href" => MatchesText(link.Path, pattern),
            "ct" => link.ContentFormats.Any(format => MatchesText(Number(format), pattern)),
            _ => false,
        };
    }

    private static bool MatchesText(string text, string pattern) => pattern.EndsWith('*')
        ? text.StartsWith(pattern[..^1], StringComparison.Ordinal)
        : text == pattern;

    private static string Format(ResourceLink link) => $"<{link.Path}>{FormatContentFormats(link)}{(link.Observable ? ";obs" : "")}";

    // RFC 7252 §7.2.1: ct is a number, or several in quotes.
    private static string FormatContentFormats(ResourceLink link) => link.ContentFormats.Count switch
    {
        0 => "",
        1 => $";ct={Number(link.ContentFormats.First())}",
        _ => $";ct=\"{string.Join(' ', link.ContentFormats.Select(Number))}\"",
    };

    private static string Number(int format) => format.ToString(CultureInfo.InvariantCulture);
}
