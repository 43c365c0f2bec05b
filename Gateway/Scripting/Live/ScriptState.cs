using System.Collections.Immutable;

namespace Gateway.Scripting;

/// <summary>What is known of a script at one moment.</summary>
internal sealed record ScriptState
{
    /// <summary>Nothing is known yet.</summary>
    public static readonly ScriptState Unknown = new();

    /// <summary>The version that serves: the last that compiled and passed its vectors, unless another was wanted; null when there has been none.</summary>
    public LiveVersion? Live { get; init; }

    /// <summary>The version that serves, to be called.</summary>
    public CompiledScript? Current => Live?.Script;

    /// <summary>What is wrong with the file.</summary>
    public IReadOnlyList<ScriptProblem> Problems { get; init; } = [];

    /// <summary>The version in the folder when it was last read; null when it could not be.</summary>
    public string? FileVersion { get; init; }

    /// <summary>The version that <see cref="Problems"/> are of, so that it is not compiled again; null when the file could not be read, is <see cref="Current"/>, or may do the next time.</summary>
    public string? FailedVersion { get; init; }

    /// <summary>The vectors that <see cref="FailedVersion"/> was given: with others it may do better.</summary>
    public string? FailedVectors { get; init; }

    /// <summary>Why the version in the folder is not live although nothing is wrong with it; null when it is, or something is.</summary>
    public ScriptPin? Pin { get; init; }

    /// <summary>Versions that were live before, the latest first.</summary>
    public ImmutableArray<PastVersion> Past { get; init; } = [];

    /// <summary>The version that is tried on real frames beside the live one, or null.</summary>
    public ScriptCandidate? Candidate { get; init; }

    /// <summary>How the script's file, and all that goes with it, looked just before it was read: a change after that is never missed.</summary>
    public ImmutableDictionary<string, FileStamp> Files { get; init; } = ImmutableDictionary<string, FileStamp>.Empty;
}
