using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Gateway.Scripting;

/// <summary>Refuses what is good C# script and yet not for a gateway's scripts.</summary>
internal static class SyntaxCheck
{
    /// <summary>The first such thing in the script, or null.</summary>
    public static ScriptProblem? Problem(CompilationUnitSyntax root, string file) => Directive(root, file) ?? Await(root, file);

    private static ScriptProblem? Directive(CompilationUnitSyntax root, string file)
    {
        var directive = root.GetFirstDirective(directive => directive is { IsActive: true, RawKind: (int)SyntaxKind.LoadDirectiveTrivia or (int)SyntaxKind.ReferenceDirectiveTrivia });
        return directive is null
            ? null
            : SourcePlace.Problem(
                directive.GetLocation(), file, ScriptProblemCode.DirectiveNotAvailable,
                $"#{directive.DirectiveNameToken.ValueText} is not available: a script is one file, and sees the base library, Google.Protobuf and the gateway's contract");
    }

    private static ScriptProblem? Await(CompilationUnitSyntax root, string file)
    {
        var waiting = root.DescendantTokens().FirstOrDefault(token => token.IsKind(SyntaxKind.AwaitKeyword));
        return waiting == default
            ? null
            : SourcePlace.Problem(waiting.GetLocation(), file, ScriptProblemCode.Asynchronous, "await is not available: the gateway calls scripts synchronously");
    }
}
