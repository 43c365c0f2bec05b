using System.Collections.Immutable;

namespace Gateway.Scripting;

/// <summary>What is known of a script at one moment.</summary>
internal sealed record ScriptState
{
    /// <summary>Nothing is known yet.</summary>
    public static readonly ScriptState Unknown = new();

    /// <summary>The last version that compiled.</summary>
    public CompiledScript? Current { get; init; }

    /// <summary>Since when it is live.</summary>
    public DateTimeOffset? LoadedAt { get; init; }

    /// <summary>What is wrong with the file.</summary>
    public IReadOnlyList<ScriptProblem> Problems { get; init; } = [];

    /// <summary>The version that <see cref="Problems"/> are of, so that it is not compiled again; null when the file could not be read, or is <see cref="Current"/>.</summary>
    public string? FailedVersion { get; init; }

    /// <summary>The vectors that <see cref="FailedVersion"/> was given: with others it may do better.</summary>
    public string? FailedVectors { get; init; }

    /// <summary>How the script's file, and all that goes with it, looked just before it was read: a change after that is never missed.</summary>
    public ImmutableDictionary<string, FileStamp> Files { get; init; } = ImmutableDictionary<string, FileStamp>.Empty;
}
