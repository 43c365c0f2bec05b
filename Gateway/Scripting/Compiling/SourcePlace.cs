using System.Globalization;
using Microsoft.CodeAnalysis;

namespace Gateway.Scripting;

/// <summary>Makes problems of what the compiler points at.</summary>
internal static class SourcePlace
{
    // A broken file can have one error for each of its characters; nobody reads past the first screen.
    private const int Listed = 50;

    /// <summary>A problem at a place in the source, counted from 1 as editors do.</summary>
    /// <param name="location">The place.</param>
    /// <param name="file">The script, for a place that is in no file.</param>
    /// <param name="code">What kind of problem.</param>
    /// <param name="message">What is wrong, and what would be right.</param>
    public static ScriptProblem Problem(Location location, string file, string code, string message)
    {
        if (!location.IsInSource)
        {
            return ScriptProblem.OfFile(file, code, message);
        }

        // A script's files are compiled together, and the problem may be in one that it loads.
        var span = location.GetLineSpan();
        return new(span.Path.Length > 0 ? span.Path : file, span.StartLinePosition.Line + 1, span.StartLinePosition.Character + 1, code, message);
    }

    /// <summary>The errors among the compiler's diagnostics, in the order of the source: the script, then what it loads.</summary>
    public static IReadOnlyList<ScriptProblem> Errors(IEnumerable<Diagnostic> diagnostics, string file)
    {
        ScriptProblem[] errors =
        [
            .. diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
                .OrderBy(diagnostic => diagnostic.Location.GetLineSpan().Path == file ? "" : diagnostic.Location.GetLineSpan().Path, StringComparer.Ordinal)
                .ThenBy(diagnostic => diagnostic.Location.SourceSpan.Start)
                .Select(diagnostic => Problem(diagnostic.Location, file, diagnostic.Id, diagnostic.GetMessage(CultureInfo.InvariantCulture))),
        ];
        return errors.Length <= Listed
            ? errors
            : [.. errors.Take(Listed), ScriptProblem.OfFile(file, ScriptProblemCode.MoreProblems, $"there are {errors.Length - Listed} more problems")];
    }
}
