using System.Collections.Immutable;
using System.Text.Json;

namespace Gateway.Devices;

/// <summary>A device as it is stored: only what is its own; the rest comes from its profile.</summary>
internal sealed record Device
{
    public required DeviceId Id { get; init; }

    public DeviceState State { get; init; } = DeviceState.Active;

    /// <summary>The profile in gateway.json; null for a device that has all it needs itself.</summary>
    public string? Profile { get; init; }

    /// <summary>The script that understands it, when that is not its profile's.</summary>
    public string? ParserScriptRef { get; init; }

    public IReadOnlyList<string> Labels { get; init; } = [];

    public IReadOnlyDictionary<string, JsonElement> Settings { get; init; } = ImmutableDictionary<string, JsonElement>.Empty;

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The token that its frames must bring; null when it has none of its own.</summary>
    public DeviceToken? Token { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it spoke last, as the store knows it, which is some minutes behind (<see cref="Sightings"/>); null for never.</summary>
    public DateTimeOffset? LastSeenAt { get; init; }
}

internal enum DeviceState
{
    /// <summary>Its frames are parsed and its commands go out.</summary>
    Active,

    /// <summary>It spoke without being known: its frames are kept, and an admin decides.</summary>
    Held,

    /// <summary>An admin does not want it: it is answered as an unknown device is that nobody lets in, and nothing is kept.</summary>
    Rejected,
}
