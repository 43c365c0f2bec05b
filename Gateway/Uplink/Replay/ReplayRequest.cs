namespace Gateway.Uplink;

/// <summary>Which frames are to be read again. What is null sets no bound.</summary>
internal sealed record ReplayRequest
{
    /// <summary>Only frames that were received at this instant or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only frames that were received before this instant.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Only the frame of this record and those behind it; from 1.</summary>
    public long? SinceSequence { get; init; }

    /// <summary>Only frames that came on a route of this profile.</summary>
    public string? Profile { get; init; }

    /// <summary>Only frames of this device. One that nobody could be found for is not of it.</summary>
    public string? Device { get; init; }

    /// <summary>Only frames that were kept because one of these devices was held when they came, and has been let in since.</summary>
    public ApprovedDevices? Approved { get; init; }

    /// <summary>Whether frames that have been read are read again too; without it, only dead letters.</summary>
    public bool All { get; init; }

    /// <summary>Whether nothing is kept of it: it is only told what would become of the frames.</summary>
    public bool DryRun { get; init; }
}

/// <summary>Devices that were let in.</summary>
internal sealed class ApprovedDevices(IEnumerable<string> devices)
{
    private readonly HashSet<string> _devices = devices.ToHashSet(StringComparer.Ordinal);

    public int Count => _devices.Count;

    public bool Contains(string device) => _devices.Contains(device);

    public override string ToString() => _devices.Count == 1 ? _devices.Single() : $"{_devices.Count} devices";
}
