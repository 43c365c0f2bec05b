using System.Collections.Immutable;

namespace Gateway.Scripting;

/// <summary>All that a version of a script is made of, as it was read at one moment.</summary>
/// <param name="Name">The script as people name it: <c>scripts/efento.csx</c>.</param>
/// <param name="Text">Its text.</param>
internal sealed record ScriptSource(string Name, string Text)
{
    /// <summary>The text of the vectors beside the script; null when there are none.</summary>
    public string? Vectors { get; init; }

    /// <summary>Whether the admin trusts it with all that its references have; the guard still applies. It is no part of the version, and yet the one image can't stand for the other.</summary>
    public bool Trusted { get; init; }

    /// <summary>The files that the script may load, by their paths in its folder; also those that can't be had.</summary>
    public ImmutableSortedDictionary<string, LoadedFile> Loaded { get; init; } = ImmutableSortedDictionary<string, LoadedFile>.Empty;

    /// <summary>The <c>.proto</c> files that are compiled for the script; null when the built-in types will do.</summary>
    public ProtoSet? Protos { get; init; }

    /// <summary>The vectors' file as people name it: <c>scripts/efento.vectors.json</c>.</summary>
    public string VectorsName { get => field ?? VectorFile.Of(Name); init; }

    /// <summary>The script's own file name: <c>efento.csx</c>.</summary>
    public string Ref => Name[(Name.LastIndexOf('/') + 1)..];

    /// <summary>What the script is, in full: the SHA-256 of all code that it is made of, in hexadecimal digits.</summary>
    public string Hash => ScriptVersion.HashOf(this);

    /// <summary>What the script is: the same for the same code, whatever its vectors.</summary>
    public string Version => ScriptVersion.Of(this);

    /// <summary>A file of the script's folder as people name it: <c>scripts/lib/crc.csx</c>.</summary>
    public string Display(string fileRef) => Name[..^Ref.Length] + fileRef;
}
