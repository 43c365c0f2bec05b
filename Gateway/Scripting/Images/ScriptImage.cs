namespace Gateway.Scripting;

/// <summary>A compiled script as bytes: all that is needed to load it, without the compiler.</summary>
/// <param name="Name">The script as people name it: <c>scripts/efento.csx</c>.</param>
/// <param name="Version">The first twelve hexadecimal digits of the source's SHA-256.</param>
/// <param name="TypeName">The type that holds the script's functions.</param>
/// <param name="Assembly">The assembly.</param>
/// <param name="Symbols">Its portable PDB, for the lines in messages.</param>
internal sealed record ScriptImage(string Name, string Version, string TypeName, byte[] Assembly, byte[] Symbols)
{
    /// <summary>The class that implements <see cref="Contract.IDeviceParser"/>; null for a script of functions.</summary>
    public string? ParserName { get; init; }

    /// <summary>Where the script lists its commands, from 1, for what is wrong with the list.</summary>
    public (int Line, int Column) CommandsAt { get; init; } = (1, 1);

    /// <summary>The message types that were compiled for it; null when it has none.</summary>
    public ScriptLibrary? Library { get; init; }
}
