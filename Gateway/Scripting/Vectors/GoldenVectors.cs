namespace Gateway.Scripting;

/// <summary>Whether a script does what the vectors beside it say.</summary>
internal static class GoldenVectors
{
    /// <summary>The vectors that a script fails, or what is wrong with their file; empty when it may go live.</summary>
    /// <param name="script">The script.</param>
    /// <param name="text">The vectors' file; null when there is none, and then anything goes.</param>
    /// <param name="file">The file as people name it: <c>scripts/efento.vectors.json</c>.</param>
    public static IReadOnlyList<ScriptProblem> Problems(CompiledScript script, string? text, string file)
    {
        if (text is null)
        {
            return [];
        }

        var vectors = VectorFile.Read(text, file);
        return vectors.IsUsable
            ? [.. vectors.Vectors.Select(vector => VectorRunner.Run(script, vector)).Where(result => !result.Passed).Select(result => result.ToProblem(file))]
            : vectors.Problems;
    }
}
