using System.Collections.Immutable;
using System.Text.Json;

namespace Gateway.Scripting.Contract;

/// <summary>What the gateway knows of a device, as a script gets it: the device's own configuration laid over that of its profile.</summary>
public sealed record DeviceConfig
{
    /// <summary>The device's id; empty when the route serves devices without asking who they are.</summary>
    public required string DeviceId { get; init; }

    /// <summary>The profile in gateway.json that the device belongs to.</summary>
    public required string Profile { get; init; }

    /// <summary>The script that understands the device: a file in the scripts folder, such as <c>efento.csx</c>.</summary>
    public required string ParserScriptRef { get; init; }

    /// <summary>The script's own settings: those of the profile, overridden one by one by those of the device.</summary>
    public IReadOnlyDictionary<string, JsonElement> Settings { get; init; } = ImmutableDictionary<string, JsonElement>.Empty;

    /// <summary>Labels that every reading of the device gets: the profile's, then the device's.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Metadata that every reading of the device gets.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>A setting as a text, or the default when it is missing or no string.</summary>
    public string? GetString(string name, string? defaultValue = null) =>
        Settings.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : defaultValue;

    /// <summary>A setting as a number, or the default when it is missing or no number.</summary>
    public double GetNumber(string name, double defaultValue = 0) =>
        Settings.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : defaultValue;

    /// <summary>A setting as a truth value, or the default when it is missing or neither true nor false.</summary>
    public bool GetBoolean(string name, bool defaultValue = false) => Settings.TryGetValue(name, out var value)
        ? value.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => defaultValue }
        : defaultValue;
}
