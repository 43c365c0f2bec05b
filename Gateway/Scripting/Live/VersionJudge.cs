using System.Collections.Immutable;

namespace Gateway.Scripting;

/// <summary>Decides what is live after a script's file was read, or another version was asked for. It builds versions, and publishes nothing.</summary>
internal sealed class VersionJudge(ScriptBuilder builder, ScriptMetrics metrics, TimeProvider time, ScriptSettings settings)
{
    /// <summary>The script's state with this source in the folder.</summary>
    public ScriptState Judge(ScriptSource source, ScriptState before, RememberedVersions? remembered)
    {
        before = before with { FileVersion = source.Version, Pin = before.Pin?.FileVersion == source.Version ? before.Pin : null };
        if (before.Live is { } live && source.Version == live.Script.Version)
        {
            // It serves already; when its vectors have changed, that they disagree is still worth knowing.
            var problems = source.Vectors == live.Source.Vectors ? [] : GoldenVectors.Problems(live.Script, source.Vectors, source.VectorsName);
            return before with { Problems = problems, FailedVersion = null };
        }

        if (remembered?.Pin is { } pin && pin.FileVersion == source.Version && Restore(before, remembered) is { Live: not null } restored)
        {
            return restored with { Pin = pin, Problems = [TurnedAway(source.Name, pin, restored.Live)] };
        }

        if (before is { Pin: { } held, Live: { } serving })
        {
            return before with { Problems = [TurnedAway(source.Name, held, serving)], FailedVersion = null };
        }

        var vectorsVersion = ScriptVersion.Of(source.Vectors ?? "");
        if (source.Version == before.FailedVersion && vectorsVersion == before.FailedVectors)
        {
            return before;
        }

        var build = Build(source);
        return build.Succeeded
            ? Live(before, build.Script, source, remembered)
            : Restore(before, remembered) with { Problems = build.Problems, FailedVersion = MayPass(build.Problems) ? null : source.Version, FailedVectors = vectorsVersion };
    }

    /// <summary>The script's state when its file can't be read.</summary>
    public ScriptState WithoutFile(ScriptProblem problem, ScriptState before, RememberedVersions? remembered)
    {
        metrics.Loaded(false);
        return Restore(before, remembered) with { Problems = [problem], FileVersion = null, FailedVersion = null, Pin = null };
    }

    /// <summary>The script's state with a version live that was so before; the same state, and why, when that can't be.</summary>
    /// <param name="before">The state.</param>
    /// <param name="version">The version's id; null for the latest that nobody has gone back from.</param>
    /// <param name="reason">Why, for the log and whoever asks.</param>
    /// <param name="problem">Why it can't be; null when it is.</param>
    public ScriptState Activate(ScriptState before, string? version, string reason, out string? problem)
    {
        problem = null;
        if (before.Live is { } live && version == live.Script.Version)
        {
            problem = $"version {version} is live already";
            return before;
        }

        var past = version is null ? before.Past.FirstOrDefault(past => !past.TurnedAway) : before.Past.FirstOrDefault(past => past.Version == version);
        if (past is null)
        {
            problem = version is null ? "there is no earlier version" : $"there is no version {version}; those that can be had are {Names(before.Past)}";
            return before;
        }

        var build = Build(past.Source);
        if (!build.Succeeded)
        {
            problem = $"version {past.Version} can't be built any more: {string.Join("; ", build.Problems)}";
            return before;
        }

        var after = Live(before, build.Script, past.Source, null);
        if (version is null)
        {
            // Or the next one to go back would go forward, to what was just found bad.
            after = after with { Past = [.. after.Past.Select(other => other.Version == before.Current?.Version ? other with { TurnedAway = true } : other)] };
        }

        var pin = before.FileVersion is { } inFolder && inFolder != past.Version ? new ScriptPin(inFolder, reason, time.GetUtcNow()) : null;
        return after with { Pin = pin, Problems = pin is null ? [] : [TurnedAway(past.Source.Name, pin, after.Live!)] };
    }

    /// <summary>The candidate that lies beside a script; the one there is when it is the same.</summary>
    public ScriptCandidate Candidate(ScriptSource source, ScriptCandidate? before)
    {
        if (before is not null && before.Source.Version == source.Version && before.Source.Vectors == source.Vectors && (before.Script is not null || !MayPass(before.Problems)))
        {
            return before;
        }

        var build = Build(source);
        return new ScriptCandidate(source, time.GetUtcNow()) { Script = build.Script, Problems = build.Problems };
    }

    /// <summary>Whether nothing is wrong with the file itself, as far as is known: it is built again at the next look, though it has not changed.</summary>
    public static bool MayPass(IReadOnlyList<ScriptProblem> problems) => problems.All(problem => ScriptProblemCode.MayPass.Contains(problem.Code));

    private static string Names(ImmutableArray<PastVersion> past) => past.IsEmpty ? "none" : string.Join(", ", past.Select(version => version.Version));

    private static ScriptProblem TurnedAway(string name, ScriptPin pin, LiveVersion live) => ScriptProblem.OfFile(
        name, ScriptProblemCode.TurnedAway,
        $"version {pin.FileVersion} of the file is not live: {pin.Reason}. Version {live.Script.Version} serves until the file is edited, or the other version is activated");

    private ScriptBuild Build(ScriptSource source)
    {
        var started = time.GetTimestamp();
        var build = builder.Build(source);
        metrics.Loaded(build.Succeeded, build.FromCache, time.GetElapsedTime(started));
        return build;
    }

    private ScriptState Live(ScriptState before, CompiledScript script, ScriptSource source, RememberedVersions? remembered)
    {
        // After a start the version that was live is the same one, and has been so all along; or the one before this.
        var since = remembered?.Live is { } same && same.Version == script.Version ? same.Since : time.GetUtcNow();
        var replaced = before.Live is { } live ? new PastVersion(live.Source, live.Since) : remembered?.Live;
        var past = remembered is null ? before.Past : remembered.Past;
        return before with
        {
            Live = new LiveVersion(script, source, since, before.Live?.Tally, time),
            Past = [.. past.Prepend(replaced).OfType<PastVersion>().Where(version => version.Version != script.Version).DistinctBy(version => version.Version).Take(settings.VersionsKept)],
            Problems = [],
            FailedVersion = null,
        };
    }

    // At start, when the file is no good: the version that was live before the stop.
    private ScriptState Restore(ScriptState before, RememberedVersions? remembered)
    {
        if (before.Live is not null || remembered is null)
        {
            return before;
        }

        var build = Build(remembered.Live.Source);
        return build.Succeeded ? Live(before, build.Script, remembered.Live.Source, remembered) : before with { Past = remembered.Past };
    }
}
