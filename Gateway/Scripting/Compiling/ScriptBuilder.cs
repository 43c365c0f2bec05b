using System.Runtime.CompilerServices;

namespace Gateway.Scripting;

/// <summary>Source to a script that may go live: it compiles, or was compiled before; it loads, and does what its vectors say.</summary>
internal sealed class ScriptBuilder(UnloadedContexts unloaded, ScriptSettings settings, ImageCache? cache = null, ScriptMetrics? metrics = null, Protoc? protoc = null)
{
    private readonly ScriptLimits _limits = ScriptLimits.Of(settings);

    /// <summary>Builds a version. It blocks for as long as the compiler takes.</summary>
    public ScriptBuild Build(ScriptSource source)
    {
        // The same image has passed the same vectors under the same limits before: a start need not run them again.
        var verdict = cache?.KeyOf(source) is { } key && source.Vectors is { } vectors ? ImageCache.VerdictOf(key, $"{vectors}\n{_limits}") : null;
        var passed = verdict is not null && cache!.HasPassed(verdict);
        var build = Compile(source, passed);
        if (passed || !build.Succeeded)
        {
            return build;
        }

        var failures = GoldenVectors.Problems(build.Script, source.Vectors, source.VectorsName);
        if (failures.Count == 0)
        {
            if (verdict is not null)
            {
                cache!.KeepPassed(verdict);
            }

            return build;
        }

        // A version that fails its vectors is let go of before anybody sees it.
        unloaded.Retire(build.Script);
        return new ScriptBuild(failures);
    }

    /// <summary>The same without a look at the vectors.</summary>
    public ScriptBuild Compile(ScriptSource source) => Compile(source, passed: false);

    private ScriptBuild Compile(ScriptSource source, bool passed)
    {
        if (cache?.KeyOf(source) is not { } key)
        {
            return Translate(source, null);
        }

        var kept = cache.Find(key);
        metrics?.LookedUp(kept is not null);
        return kept is not null
            ? ScriptLoader.Load(kept, _limits, passed) with { FromCache = true }
            : Translate(source, key) with { FromCache = false };
    }

    // Not inlined: where this is not called, the compiler is not even loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ScriptBuild Translate(ScriptSource source, string? key)
    {
        var (image, problems) = ScriptCompiler.Translate(source, cache, protoc);
        if (image is null)
        {
            return new ScriptBuild(problems);
        }

        if (key is not null)
        {
            cache!.Keep(key, image);
        }

        return ScriptLoader.Load(image, _limits);
    }
}
