using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Routing;

/// <summary>One of the <c>routes</c> of gateway.json: which requests are taken, and for whom.</summary>
internal sealed record RouteSettings
{
    [Description("The path of the resource. A segment in braces is a variable: \"/devices/{device_id}/data\".")]
    [Required]
    public string Path { get; init; } = "";

    [Description("What is served there: \"data\" takes frames, \"commands\" gives a device the next command that waits for it, and tells a device that observes it (RFC 7641) of each as soon as it is there.")]
    public RouteKind Kind { get; init; } = RouteKind.Data;

    [Description("The methods that are served; others are answered 4.05.")]
    [MinLength(1)]
    public IReadOnlyList<RouteMethod> Methods { get; init; } = [RouteMethod.Post, RouteMethod.Put];

    [Description("The profile, one of the profiles of this file, of the devices that speak here.")]
    [Required]
    public string Profile { get; init; } = "";

    [Description("How the device is recognised, tried in this order: \"path\" (the variable device_id), \"query:<name>\", \"option:<number>\" (the text in a CoAP option), \"dtls\" (the device whose DTLS key the message came under), \"script\" (the script's identify), \"address\" (who registered from the address that the request comes from). An empty list serves without asking who it is: only the script's respond is called. When missing: \"path\" if the path has device_id, otherwise \"script\".")]
    public IReadOnlyList<string>? Identity { get; init; }

    [Description("The Content-Formats (numbers) of payloads that are taken; another is answered 4.15. Empty takes any. A payload without Content-Format is always taken.")]
    public IReadOnlyList<int> ContentFormats { get; init; } = [];

    [Description("Whether a POST here registers its device, as in OMA LwM2M: for \"lt\" seconds of the query, 86400 without it, the device is known by its address (identity \"address\"). The answer's Location-Path is below this path; a POST there renews the registration, and a DELETE ends it.")]
    public bool Registers { get; init; }

    /// <summary>With a route that registers comes the one of its registrations.</summary>
    public IEnumerable<(RouteSettings Route, RegistrationStep Step)> Expanded() => !Registers
        ? [(this, RegistrationStep.None)]
        :
        [
            (this, RegistrationStep.Begin),
            (this with { Path = $"{Path.TrimEnd('/')}/{{{DeviceRoute.RegistrationVariable}}}", Methods = [RouteMethod.Post, RouteMethod.Delete], Identity = ["address"] }, RegistrationStep.Continue),
        ];
}

/// <summary>What a route serves.</summary>
internal enum RouteKind
{
    /// <summary>It takes frames.</summary>
    Data,

    /// <summary>It gives commands.</summary>
    Commands,
}

/// <summary>The methods that a route can serve (RFC 7252 §5.8).</summary>
internal enum RouteMethod
{
    Get,
    Post,
    Put,
    Delete,
}
