using System.Diagnostics.CodeAnalysis;

namespace Gateway.Scripting;

/// <summary>What became of a source: a script that can be called, or the problems that are in its way.</summary>
internal sealed record ScriptBuild
{
    /// <summary>It compiled and is loaded.</summary>
    public ScriptBuild(CompiledScript script) => (Script, Problems) = (script, []);

    /// <summary>It can't be used.</summary>
    public ScriptBuild(IReadOnlyList<ScriptProblem> problems) => Problems = problems;

    /// <summary>The script; null when there are problems.</summary>
    public CompiledScript? Script { get; }

    /// <summary>What is wrong, in the order of the source; empty when there is a script.</summary>
    public IReadOnlyList<ScriptProblem> Problems { get; }

    /// <summary>Whether it was compiled before, and kept: null when nobody asked the cache.</summary>
    public bool? FromCache { get; init; }

    /// <summary>Whether there is a script.</summary>
    [MemberNotNullWhen(true, nameof(Script))]
    public bool Succeeded => Script is not null;
}
