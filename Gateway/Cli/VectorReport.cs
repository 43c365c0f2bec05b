using Gateway.Scripting;

namespace Gateway.Cli;

/// <summary>How a script did with its vectors.</summary>
/// <param name="Script">The script; null when it does not compile.</param>
/// <param name="VectorFile">The file of its vectors, as people name it.</param>
/// <param name="Problems">Why the script or its vectors can't be used.</param>
/// <param name="Results">One for each vector, in their order.</param>
internal sealed record VectorReport(CompiledScript? Script, string VectorFile, IReadOnlyList<ScriptProblem> Problems, IReadOnlyList<VectorResult> Results)
{
    /// <summary>Whether there was anything to run and something to run it with.</summary>
    public bool IsUsable => Problems.Count == 0;

    /// <summary>The vectors that the script fails.</summary>
    public IEnumerable<VectorResult> Failed => Results.Where(result => !result.Passed);

    /// <summary>Whether the script would go live in a gateway.</summary>
    public bool Passed => IsUsable && !Failed.Any();

    /// <summary>Compiles a script and runs its vectors.</summary>
    public static VectorReport Of(string file, ScriptSettings settings)
    {
        var name = Scripting.VectorFile.Of(ScriptFiles.DisplayName(file));
        var reading = ScriptFiles.Read(file, settings);
        var build = ScriptFiles.Compile(reading, settings);
        if (!build.Succeeded)
        {
            return new(null, name, build.Problems, []);
        }

        var vectors = reading.Source?.Vectors is { } text ? Scripting.VectorFile.Read(text, name) : new VectorFile([], []);
        return vectors.IsUsable
            ? new(build.Script, name, [], [.. vectors.Vectors.Select(vector => VectorRunner.Run(build.Script, vector))])
            : new(build.Script, name, vectors.Problems, []);
    }
}
