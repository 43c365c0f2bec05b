using Gateway.Scripting;

namespace Gateway.Api;

/// <summary>That somebody listens.</summary>
/// <param name="After">Readings and commands behind this record of the journal are told.</param>
internal sealed record EventsOpened(long After);

/// <summary>That a listener was not told everything.</summary>
/// <param name="LeftOut">How many events or records that were.</param>
/// <param name="Reason">Why.</param>
internal sealed record EventNotice(long LeftOut, string Reason);

/// <summary>That a script was read: another version is live, or something is wrong.</summary>
/// <param name="Name">Its file name.</param>
/// <param name="Live">The version that serves.</param>
/// <param name="FileVersion">The version of the file.</param>
/// <param name="Candidate">The version that is tried beside it.</param>
/// <param name="Problems">Why the file's version is not the one that serves.</param>
internal sealed record ScriptEvent(string Name, string? Live, string? FileVersion, string? Candidate, IReadOnlyList<ScriptFinding> Problems)
{
    public static ScriptEvent Of(CatalogScript script)
    {
        var state = script.State;
        return new ScriptEvent(
            script.Ref, state.Current?.Version, state.FileVersion, state.Candidate?.Source.Version, [.. state.Problems.Select(ScriptFinding.Of)]);
    }
}
