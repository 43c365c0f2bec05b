using Gateway.Coap;

namespace Gateway.Routing;

/// <summary>A route of gateway.json, made ready: which requests it takes, for which profile, and how their senders are recognised.</summary>
/// <param name="Template">The path.</param>
/// <param name="Methods">The methods that are served.</param>
/// <param name="Profile">The profile of the devices that speak here.</param>
/// <param name="Identity">Tried in order; none for a route that asks nobody who they are.</param>
/// <param name="ContentFormats">The formats of payloads that are taken; empty takes any.</param>
/// <param name="Registration">What a request here does to its device's registration.</param>
internal sealed record DeviceRoute(
    PathTemplate Template,
    IReadOnlySet<CoapCode> Methods,
    string Profile,
    IReadOnlyList<IdentityRule> Identity,
    IReadOnlySet<int> ContentFormats,
    RegistrationStep Registration)
{
    /// <summary>The path variable that names a registration.</summary>
    public const string RegistrationVariable = "registration";

    /// <summary>What is served there.</summary>
    public RouteKind Kind { get; init; }

    public bool IsAnonymous => Identity.Count == 0;

    /// <summary>The path of all its requests, with a leading slash; null when it has variables.</summary>
    public string? FixedPath { get; } = Template.Variables.Count == 0 ? Template.ToString() : null;
}

/// <summary>What a request does to the registration of its device.</summary>
internal enum RegistrationStep
{
    None,

    /// <summary>It registers.</summary>
    Begin,

    /// <summary>It renews its registration, or ends it.</summary>
    Continue,
}
