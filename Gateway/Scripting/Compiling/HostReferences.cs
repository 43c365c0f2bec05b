using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Gateway.Scripting;

/// <summary>
/// Answers <c>#r</c> with what every script sees anyway, whatever the path: the line is there for the editor, which needs to be shown the gateway's files.
/// </summary>
internal sealed class HostReferences : MetadataReferenceResolver
{
    /// <summary>There is no need for a second one.</summary>
    public static readonly HostReferences Instance = new();

    private HostReferences()
    {
    }

    /// <summary>The assembly's name in what a <c>#r</c> says: <c>Gateway</c> of <c>"../bin/Gateway.dll"</c>.</summary>
    public static string NameIn(string reference)
    {
        var file = reference[(reference.LastIndexOfAny(['/', '\\']) + 1)..];
        return file.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? file[..^4] : file;
    }

    /// <inheritdoc/>
    public override ImmutableArray<PortableExecutableReference> ResolveReference(string reference, string? baseFilePath, MetadataReferenceProperties properties) =>
        ScriptReferences.ByName.TryGetValue(NameIn(reference), out var known) ? [known] : [];

    /// <inheritdoc/>
    public override bool Equals(object? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => 1;
}
