using Gateway.Scripting.Contract;

namespace Gateway.Devices;

/// <summary>The profiles of gateway.json, and how a device's own configuration is laid over its profile's.</summary>
internal sealed class ProfileCatalog(IReadOnlyDictionary<string, ProfileSettings> profiles)
{
    private static readonly ProfileSettings NoProfile = new();

    // Replaced as a whole.
    private volatile IReadOnlyDictionary<string, ProfileSettings> _profiles = profiles;

    /// <summary>Another object after each change: what was made of the profiles before is out of date.</summary>
    public object Edition => _profiles;

    /// <summary>How long evidence is waited for with devices of a profile, which may not exist any more.</summary>
    public TimeSpan ConfirmTimeoutOf(string profile) => TimeSpan.FromSeconds((Find(profile) ?? NoProfile).ConfirmTimeoutSeconds);

    public ProfileSettings? Find(string name) => _profiles.GetValueOrDefault(name);

    /// <summary>All of them, of one edition.</summary>
    public IReadOnlyDictionary<string, ProfileSettings> All => _profiles;

    public IEnumerable<string> Names => _profiles.Keys.Order(StringComparer.Ordinal);

    public IEnumerable<string> Scripts => _profiles.Values.Select(profile => profile.Script).Distinct(StringComparer.Ordinal);

    /// <summary>From now on these are the profiles.</summary>
    public void Replace(IReadOnlyDictionary<string, ProfileSettings> profiles) => _profiles = profiles;

    /// <summary>The configuration that a script gets to see of a device; null with a problem when no script can be found for it.</summary>
    public DeviceConfig? Resolve(Device device, out string? problem)
    {
        var profile = device.Profile is null ? null : Find(device.Profile);
        problem = (device, profile) switch
        {
            ({ Profile: not null }, null) => $"device {device.Id} is of profile \"{device.Profile}\", which gateway.json does not have; it has {string.Join(", ", Names)}",
            ({ ParserScriptRef: null }, null) => $"device {device.Id} has neither a parser_script_ref nor a profile; give it one of them",
            _ => null,
        };
        if (problem is not null)
        {
            return null;
        }

        return new DeviceConfig
        {
            DeviceId = device.Id.ToString(),
            Profile = device.Profile ?? "",
            ParserScriptRef = device.ParserScriptRef ?? profile!.Script,
            Settings = Overlay(profile?.Settings, device.Settings),
            Labels = [.. (profile?.Labels ?? []).Concat(device.Labels).Distinct(StringComparer.Ordinal)],
            Metadata = Overlay(profile?.Metadata, device.Metadata),
        };
    }

    /// <summary>The configuration for requests on a route that asks nobody who they are; null when there is no such profile any more.</summary>
    public DeviceConfig? Anonymous(string profileName)
    {
        if (Find(profileName) is not { } profile)
        {
            return null;
        }

        return new DeviceConfig
        {
            DeviceId = "",
            Profile = profileName,
            ParserScriptRef = profile.Script,
            Settings = profile.Settings,
            Labels = profile.Labels,
            Metadata = profile.Metadata,
        };
    }

    private static IReadOnlyDictionary<string, T> Overlay<T>(IReadOnlyDictionary<string, T>? below, IReadOnlyDictionary<string, T> above)
    {
        if (below is null or { Count: 0 } || above.Count == 0)
        {
            return below is null or { Count: 0 } ? above : below;
        }

        var overlaid = new Dictionary<string, T>(below);
        foreach (var (key, value) in above)
        {
            overlaid[key] = value;
        }

        return overlaid;
    }
}
