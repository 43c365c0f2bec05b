using System.ComponentModel;
using Gateway.Devices;
using Gateway.Uplink;

namespace Gateway.Api;

/// <summary>Which frames are to be read again: the body of <c>POST /api/v1/dead-letters/replay</c>.</summary>
internal sealed record ReplayDocument
{
    [Description("Only frames that were received at this instant or later.")]
    public DateTimeOffset? Since { get; init; }

    [Description("Only frames that were received before this instant.")]
    public DateTimeOffset? Until { get; init; }

    [Description("Only the frame of this record of the journal and those behind it.")]
    public long? SinceSequence { get; init; }

    [Description("Only frames that came on a route of this profile.")]
    public string? Profile { get; init; }

    [Description("Only frames of this device.")]
    public string? Device { get; init; }

    [Description("Whether frames that have been read are read again too, after a script was corrected.")]
    public bool All { get; init; }

    [Description("Whether it is only told what would become of the frames.")]
    public bool DryRun { get; init; }

    /// <summary>What is wrong with it, by the JSON path of the member.</summary>
    public IEnumerable<(string Path, string Problem)> Problems(ProfileCatalog profiles)
    {
        if (Since >= Until)
        {
            yield return ("until", "must be later than since");
        }

        if (SinceSequence is < 1)
        {
            yield return ("since_sequence", "records are numbered from 1");
        }

        if (Profile is not null && profiles.Find(Profile) is null)
        {
            yield return ("profile", $"gateway.json has no profile \"{Profile}\"; it has {string.Join(", ", profiles.Names)}");
        }

        if (Device is not null && !DeviceId.TryParse(Device, out _))
        {
            yield return ("device", DeviceId.Problem(Device));
        }
    }

    public ReplayRequest ToRequest() => new()
    {
        Since = Since,
        Until = Until,
        SinceSequence = SinceSequence,
        Profile = Profile,
        Device = Device,
        All = All,
        DryRun = DryRun,
    };

    public static ReplayDocument Of(ReplayRequest request) => new()
    {
        Since = request.Since,
        Until = request.Until,
        SinceSequence = request.SinceSequence,
        Profile = request.Profile,
        Device = request.Device,
        All = request.All,
        DryRun = request.DryRun,
    };
}
