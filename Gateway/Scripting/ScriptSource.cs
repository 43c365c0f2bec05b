namespace Gateway.Scripting;

/// <summary>All that a version of a script is made of, as it was read at one moment.</summary>
/// <param name="Name">The script as people name it: <c>scripts/efento.csx</c>.</param>
/// <param name="Text">Its text.</param>
internal sealed record ScriptSource(string Name, string Text)
{
    /// <summary>The text of the vectors beside the script; null when there are none.</summary>
    public string? Vectors { get; init; }

    /// <summary>Whether the admin trusts it with all that its references have; the guard still applies.</summary>
    public bool Trusted { get; init; }

    /// <summary>The vectors' file as people name it: <c>scripts/efento.vectors.json</c>.</summary>
    public string VectorsName => VectorFile.Of(Name);

    /// <summary>What the script is: the same for the same code, whatever its vectors.</summary>
    public string Version { get; } = ScriptVersion.Of(Text);
}
