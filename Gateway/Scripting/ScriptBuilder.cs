namespace Gateway.Scripting;

/// <summary>Source to a script that may go live: it compiles, loads, and does what its vectors say.</summary>
internal sealed class ScriptBuilder(UnloadedContexts unloaded, ScriptSettings settings)
{
    private readonly ScriptLimits _limits = ScriptLimits.Of(settings);

    /// <summary>Builds a version. It blocks for as long as the compiler takes.</summary>
    public ScriptBuild Build(ScriptSource source)
    {
        var build = Compile(source);
        if (!build.Succeeded)
        {
            return build;
        }

        var failures = GoldenVectors.Problems(build.Script, source.Vectors, source.VectorsName);
        if (failures.Count == 0)
        {
            return build;
        }

        // A version that fails its vectors is let go of before anybody sees it.
        unloaded.Retire(build.Script);
        return new ScriptBuild(failures);
    }

    /// <summary>The same without a look at the vectors.</summary>
    public ScriptBuild Compile(ScriptSource source) => ScriptCompiler.Compile(source, _limits);
}
