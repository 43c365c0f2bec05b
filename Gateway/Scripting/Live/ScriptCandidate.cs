namespace Gateway.Scripting;

/// <summary>A version that is tried beside the live one: it reads the same frames, and its readings are compared and sent nowhere.</summary>
/// <param name="Source">What it is made of.</param>
/// <param name="Since">Since when it is tried.</param>
internal sealed record ScriptCandidate(ScriptSource Source, DateTimeOffset Since)
{
    /// <summary>What the candidate of a script ends with, behind the name of the script's own file: <c>efento.csx.next</c>.</summary>
    public const string Extension = ".next";

    /// <summary>The version, to be called; null when something is wrong with it.</summary>
    public CompiledScript? Script { get; init; }

    /// <summary>What is wrong with it.</summary>
    public IReadOnlyList<ScriptProblem> Problems { get; init; } = [];

    /// <summary>What came of the comparison so far.</summary>
    public ShadowTally Tally { get; } = new();

    /// <summary>The file of a script's candidate, or of the vectors that come with it.</summary>
    public static string FileOf(string fileRef) => fileRef + Extension;
}
