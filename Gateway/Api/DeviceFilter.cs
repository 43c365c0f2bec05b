using System.ComponentModel;
using Gateway.Devices;
using Microsoft.AspNetCore.Mvc;

namespace Gateway.Api;

/// <summary>Which devices are meant, as the query says it.</summary>
internal sealed record DeviceFilter
{
    [FromQuery(Name = "state")]
    [Description("Only devices in this state: active, held or rejected.")]
    public string? State { get; init; }

    [FromQuery(Name = "profile")]
    [Description("Only devices of this profile.")]
    public string? Profile { get; init; }

    [FromQuery(Name = "label")]
    [Description("Only devices with this label, be it their own or their profile's.")]
    public string? Label { get; init; }

    [FromQuery(Name = "seen_since")]
    [Description("Only devices that spoke at this instant or later.")]
    public DateTimeOffset? SeenSince { get; init; }

    [FromQuery(Name = "seen_before")]
    [Description("Only devices that have been silent since this instant, or always.")]
    public DateTimeOffset? SeenBefore { get; init; }

    public DeviceQuery ToQuery(out List<ParameterProblem> problems)
    {
        problems = [];
        DeviceState? state = null;
        if (State is not null)
        {
            state = ParameterWord.TryParse<DeviceState>(State, "state", out var known, out var problem) ? known : null;
            if (problem is not null)
            {
                problems.Add(problem);
            }
        }

        return new DeviceQuery { State = state, Profile = Profile, Label = Label, SeenSince = SeenSince, SeenBefore = SeenBefore };
    }
}
