using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gateway.Scripting;

/// <summary>The versions of a script as they are written to disk.</summary>
internal sealed record VersionsDocument
{
    public ScriptPin? Pin { get; init; }

    /// <summary>The live one, and those before it, the latest first.</summary>
    public IReadOnlyList<VersionDocument> Versions { get; init; } = [];

    public static VersionsDocument Of(ScriptState state) => new()
    {
        Pin = state.Pin,
        Versions = [.. state.Past.Prepend(new PastVersion(state.Live!.Source, state.Live.Since)).Select(VersionDocument.Of)],
    };

    /// <summary>What it stands for; null when there is no version in it, or not all of one.</summary>
    public RememberedVersions? ToVersions(string name, bool trusted) =>
        Versions is { Count: > 0 } && Versions.All(version => version is { Text: not null })
            ? new RememberedVersions(Versions[0].ToVersion(name, trusted), [.. Versions.Skip(1).Select(version => version.ToVersion(name, trusted))], Pin)
            : null;
}

/// <summary>One version as it is written to disk.</summary>
internal sealed record VersionDocument
{
    public string? Version { get; init; }

    public DateTimeOffset Since { get; init; }

    public bool TurnedAway { get; init; }

    public string? Text { get; init; }

    public string? Vectors { get; init; }

    /// <summary>Files that it loads, by their paths in the scripts folder; null for one that it names and does without.</summary>
    public IReadOnlyDictionary<string, string?>? Loaded { get; init; }

    /// <summary>The <c>.proto</c> files that were compiled for it, by their paths in their folder.</summary>
    public IReadOnlyDictionary<string, string>? Protos { get; init; }

    public string? ProtosFolder { get; init; }

    public static VersionDocument Of(PastVersion version)
    {
        var source = version.Source;
        return new VersionDocument
        {
            Version = source.Version,
            Since = version.Since,
            TurnedAway = version.TurnedAway,
            Text = source.Text,
            Vectors = source.Vectors,
            Loaded = source.Loaded.IsEmpty ? null : source.Loaded.ToDictionary(file => file.Key, file => file.Value.Text),
            Protos = source.Protos?.Files,
            ProtosFolder = source.Protos?.Folder,
        };
    }

    public PastVersion ToVersion(string name, bool trusted) => new(
        new ScriptSource(name, Text!)
        {
            Vectors = Vectors,
            Trusted = trusted,
            Loaded = (Loaded ?? ImmutableDictionary<string, string?>.Empty).ToImmutableSortedDictionary(file => file.Key, file => FileOf(file.Value), StringComparer.Ordinal),
            Protos = Protos is null ? null : new ProtoSet(ProtosFolder ?? "", Protos.ToImmutableSortedDictionary(StringComparer.Ordinal)),
        },
        Since)
    { TurnedAway = TurnedAway };

    private static LoadedFile FileOf(string? text) =>
        text is null ? LoadedFile.Refused(ScriptProblemCode.LoadUnavailable, "the file was not there when the version was live") : LoadedFile.Of(text);
}

/// <summary>How they are written. Generated, for each start reads them, and reflection takes long over its first object.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(VersionsDocument))]
internal sealed partial class VersionsJson : JsonSerializerContext;
