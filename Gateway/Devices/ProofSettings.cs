using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Gateway.Devices;

/// <summary>One thing that a frame must bring to be taken as its device's; a profile lists what it asks for, and all of it must hold.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(PeerProofSettings), "peer")]
[JsonDerivedType(typeof(TokenProofSettings), "token")]
internal abstract record ProofSettings;

/// <summary>The frame comes from a known network, such as the operator's private APN.</summary>
internal sealed record PeerProofSettings : ProofSettings
{
    [Description("The networks that frames may come from: \"10.20.0.0/16\", \"2001:db8::/32\".")]
    [MinLength(1)]
    public IReadOnlyList<string> Prefixes { get; init; } = [];
}

/// <summary>The frame brings a token: the device's own, or the one that all devices of the profile have in common.</summary>
internal sealed record TokenProofSettings : ProofSettings
{
    [Description("The number of the CoAP option that holds the token; null when it is in the payload. What the option does not hold, the script's cloud_token looks for in the payload.")]
    [Range(1, 65535)]
    public int? Option { get; init; }

    [Description("The token of every device that has none of its own, such as \"${DEVICE_TOKEN}\"; null when each must have its own.")]
    [PasswordPropertyText(true)]
    public string? Token { get; init; }
}
