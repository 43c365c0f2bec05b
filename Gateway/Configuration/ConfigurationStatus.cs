namespace Gateway.Configuration;

/// <summary>How gateway.json stands to what the gateway runs with.</summary>
/// <param name="File">The file; null when there is none and the gateway runs with its defaults.</param>
/// <param name="ReadAt">When it was read last.</param>
/// <param name="Problems">Why it can't be used as it is now; then the settings of before are in force.</param>
/// <param name="Waiting">What it says otherwise than what is in force: these take a restart.</param>
internal sealed record ConfigurationStatus(string? File, DateTimeOffset ReadAt, IReadOnlyList<string> Problems, IReadOnlyList<SettingsChange> Waiting);
