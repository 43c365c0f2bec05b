namespace Gateway.Configuration;

/// <summary>One thing that gateway.json says otherwise than before.</summary>
/// <param name="Path">The place, as <see cref="SettingsPath"/> writes it.</param>
/// <param name="What">What has become of it, without secrets: <c>5683 becomes 5700</c>, <c>added</c>, <c>taken out</c>, <c>changed</c>.</param>
internal sealed record SettingsChange(string Path, string What)
{
    /// <summary>Whether it comes to life while the gateway runs; otherwise it takes a restart.</summary>
    public bool IsLive => LivePlaces.Contains(Path);

    /// <summary>What an admin sees: <c>coap.port: 5683 becomes 5700</c>.</summary>
    public override string ToString() => $"{Path}: {What}";
}
