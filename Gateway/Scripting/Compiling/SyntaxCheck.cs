using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Gateway.Scripting;

/// <summary>Refuses what is good C# script and yet not for a gateway's scripts.</summary>
internal static class SyntaxCheck
{
    // What a package manager of an editor or of another script host understands, and a compiler does not.
    private const string Package = "nuget:";

    /// <summary>What there is of it in a file.</summary>
    public static IEnumerable<ScriptProblem> Problems(CompilationUnitSyntax root, string file) => References(root, file).Concat(Await(root, file));

    private static IEnumerable<ScriptProblem> References(CompilationUnitSyntax root, string file) =>
        from directive in root.GetReferenceDirectives()
        where !directive.File.IsMissing
        let found = Refusal(directive.File.ValueText)
        where found.Code is not null
        select SourcePlace.Problem(directive.GetLocation(), file, found.Code!, found.Reason);

    private static (string? Code, string Reason) Refusal(string reference) =>
        reference.StartsWith(Package, StringComparison.OrdinalIgnoreCase)
            ? (ScriptProblemCode.PackageNotAvailable, $"#r \"{reference}\": the gateway fetches no packages; put the code that is needed into a file, and #load it")
            : ScriptReferences.ByName.ContainsKey(HostReferences.NameIn(reference))
                ? default
                : (ScriptProblemCode.ReferenceNotAvailable, $"#r \"{reference}\": not available; scripts see {string.Join(", ", ScriptReferences.ByName.Keys.Order(StringComparer.Ordinal))}");

    private static IEnumerable<ScriptProblem> Await(CompilationUnitSyntax root, string file) =>
        from token in root.DescendantTokens().Where(token => token.IsKind(SyntaxKind.AwaitKeyword)).Take(1)
        select SourcePlace.Problem(token.GetLocation(), file, ScriptProblemCode.Asynchronous, "await is not available: the gateway calls scripts synchronously");
}
