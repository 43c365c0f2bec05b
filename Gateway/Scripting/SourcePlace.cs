using System.Globalization;
using Microsoft.CodeAnalysis;

namespace Gateway.Scripting;

/// <summary>Makes problems of what the compiler points at.</summary>
internal static class SourcePlace
{
    // A broken file can have one error for each of its characters; nobody reads past the first screen.
    private const int Listed = 50;

    /// <summary>A problem at a place in the source, counted from 1 as editors do.</summary>
    public static ScriptProblem Problem(Location location, string file, string code, string message)
    {
        if (!location.IsInSource)
        {
            return ScriptProblem.OfFile(file, code, message);
        }

        var place = location.GetLineSpan().StartLinePosition;
        return new(file, place.Line + 1, place.Character + 1, code, message);
    }

    /// <summary>The errors among the compiler's diagnostics, in the order of the source.</summary>
    public static IReadOnlyList<ScriptProblem> Errors(IEnumerable<Diagnostic> diagnostics, string file)
    {
        ScriptProblem[] errors =
        [
            .. diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
                .OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start)
                .Select(diagnostic => Problem(diagnostic.Location, file, diagnostic.Id, diagnostic.GetMessage(CultureInfo.InvariantCulture))),
        ];
        return errors.Length <= Listed
            ? errors
            : [.. errors.Take(Listed), ScriptProblem.OfFile(file, ScriptProblemCode.MoreProblems, $"there are {errors.Length - Listed} more problems")];
    }
}
