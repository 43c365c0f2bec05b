using System.Collections.Immutable;

namespace Gateway.Scripting;

/// <summary>What was found when a script's files were read.</summary>
/// <param name="Source">The script; null when it is not there, or one of its files can't be read.</param>
/// <param name="Problem">Why there is no source.</param>
/// <param name="Files">How each file that belongs to the script looked just before it was read, by its path in the scripts folder: a change after that is never missed.</param>
internal sealed record SourceReading(ScriptSource? Source, ScriptProblem? Problem, ImmutableDictionary<string, FileStamp> Files)
{
    /// <summary>The candidate that lies beside the script; null when there is none.</summary>
    public ScriptSource? Candidate { get; init; }
}
