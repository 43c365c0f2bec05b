namespace Gateway.Devices;

/// <summary>Which devices are meant. What is null sets no bound.</summary>
internal sealed record DeviceQuery
{
    /// <summary>Only devices behind this one.</summary>
    public DeviceId After { get; init; }

    /// <summary>How many at most.</summary>
    public int Limit { get; init; } = int.MaxValue;

    public DeviceState? State { get; init; }

    public string? Profile { get; init; }

    /// <summary>A label of the device's own or of its profile.</summary>
    public string? Label { get; init; }

    /// <summary>Only those that spoke at this instant or later.</summary>
    public DateTimeOffset? SeenSince { get; init; }

    /// <summary>Only those that have not spoken since; also those that never did.</summary>
    public DateTimeOffset? SeenBefore { get; init; }

    /// <summary>Whether <see cref="Takes"/> says yes to each.</summary>
    public bool TakesAll => (Profile, Label, SeenSince, SeenBefore) is (null, null, null, null);

    /// <summary>Whether this is one of them; its state is not looked at.</summary>
    public bool Takes(Device device, ProfileCatalog profiles) =>
        (Profile is null || device.Profile == Profile)
        && (Label is null || device.Labels.Contains(Label, StringComparer.Ordinal) || (device.Profile is { } name && profiles.Find(name)?.Labels.Contains(Label, StringComparer.Ordinal) is true))
        && (SeenSince is null || device.LastSeenAt >= SeenSince)
        && (SeenBefore is null || device.LastSeenAt is null || device.LastSeenAt < SeenBefore);
}
