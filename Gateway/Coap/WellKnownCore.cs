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
        var links = site.Links.Where(link => request.Query.All(query => LinkFormat.Matches(link, query)));
        return ValueTask.FromResult(new CoapResponse(CoapCode.Content)
        {
            ContentFormat = ContentFormat.LinkFormat,
            Payload = Encoding.UTF8.GetBytes(LinkFormat.Write(links)),
        });
    }
}
