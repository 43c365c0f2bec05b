namespace Gateway.Configuration;

/// <summary>One thing that is wrong with the settings.</summary>
/// <param name="Path">The place, as <see cref="SettingsPath"/> writes it: <c>routes[2].profile</c>; empty for the file as a whole.</param>
/// <param name="Message">What is wrong there, and what would be right.</param>
internal sealed record SettingsProblem(string Path, string Message)
{
    /// <summary>The environment variable or the option that brought the value; null when the file did.</summary>
    public string? Origin { get; init; }

    /// <summary>The line that an admin sees: <c>gateway.json: coap.port: 70000 is not within 0..65535</c>.</summary>
    public string Describe(string file) => Path.Length == 0 ? $"{Origin ?? file}: {Message}" : $"{Origin ?? file}: {Path}: {Message}";
}
