using Gateway.Coap;

namespace Gateway.Routing;

/// <summary>A route of gateway.json, made ready: which requests it takes, for which profile, and how their senders are recognised.</summary>
/// <param name="Template">The path.</param>
/// <param name="Methods">The methods that are served.</param>
/// <param name="Profile">The profile of the devices that speak here.</param>
/// <param name="Identity">Tried in order; none for a route that asks nobody who they are.</param>
/// <param name="ContentFormats">The formats of payloads that are taken; empty takes any.</param>
internal sealed record DeviceRoute(
    PathTemplate Template,
    IReadOnlySet<CoapCode> Methods,
    string Profile,
    IReadOnlyList<IdentityRule> Identity,
    IReadOnlySet<int> ContentFormats)
{
    public bool IsAnonymous => Identity.Count == 0;
}
