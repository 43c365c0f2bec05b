using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Gateway.Devices;

/// <summary>One of the <c>profiles</c> of gateway.json: what devices of one kind have in common.</summary>
internal sealed record ProfileSettings
{
    [Description("The script that understands these devices: a file in the scripts folder, such as \"efento.csx\".")]
    [Required]
    public string Script { get; init; } = "";

    [Description("The script's own settings; a device's own override them one by one.")]
    public IReadOnlyDictionary<string, JsonElement> Settings { get; init; } = ImmutableDictionary<string, JsonElement>.Empty;

    [Description("Labels that every reading gets.")]
    public IReadOnlyList<string> Labels { get; init; } = [];

    [Description("Metadata that every reading gets, where the script gives none of the same name.")]
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ImmutableDictionary<string, string>.Empty;

    [Description("What becomes of a device that is not known yet: \"provision\" takes it in, \"hold\" keeps its frames until an admin approves it, \"reject\" answers 4.03.")]
    public UnknownDevicePolicy UnknownDevices { get; init; } = UnknownDevicePolicy.Hold;
}

/// <summary>What becomes of a device that is not known yet.</summary>
internal enum UnknownDevicePolicy
{
    /// <summary>Its frames are kept in the journal, and it is listed for approval.</summary>
    Hold,

    /// <summary>It becomes a device of the profile with its first frame.</summary>
    Provision,

    /// <summary>It is answered 4.03 (Forbidden), and nothing is kept.</summary>
    Reject,
}
