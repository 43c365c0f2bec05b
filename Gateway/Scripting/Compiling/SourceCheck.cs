using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Gateway.Scripting;

/// <summary>Looks through the source of a script that compiles, once, for what could end the process and for what is not for scripts.</summary>
internal static class SourceCheck
{
    /// <summary>What there is of it, in the order of the source.</summary>
    /// <param name="compilation">The script.</param>
    /// <param name="policy">Whom to ask about names; null for a script that may use what it likes.</param>
    public static IEnumerable<ScriptProblem> Problems(Compilation compilation, SourcePolicy? policy) =>
        compilation.SyntaxTrees.SelectMany(tree => Problems(tree, compilation.GetSemanticModel(tree), policy));

    private static IEnumerable<ScriptProblem> Problems(SyntaxTree tree, SemanticModel model, SourcePolicy? policy)
    {
        // Of one expression only the first offence is told: what follows a type that is refused would be refused as well.
        var told = new HashSet<int>();
        foreach (var node in tree.GetRoot().DescendantNodes())
        {
            if (KillerCheck.Refusal(node, model) is { Code: { } code } killer && told.Add(node.SpanStart))
            {
                yield return SourcePlace.Problem(node.GetLocation(), tree.FilePath, code, killer.Reason);
            }
            else if (node is SimpleNameSyntax name && policy?.Refusal(name, model) is { } reason && told.Add(Start(name)))
            {
                yield return SourcePlace.Problem(Place(name).GetLocation(), tree.FilePath, ScriptProblemCode.NotForScripts, reason);
            }
        }
    }

    // What is got from a new object starts where that does.
    private static int Start(SyntaxNode name) => name.Parent switch
    {
        ObjectCreationExpressionSyntax creation when creation.Type == name => creation.SpanStart,
        MemberAccessExpressionSyntax access when access.Name == name => access.SpanStart,
        QualifiedNameSyntax qualified when qualified.Right == name => Start(qualified),
        MemberBindingExpressionSyntax binding => binding.FirstAncestorOrSelf<ConditionalAccessExpressionSyntax>()?.SpanStart ?? name.SpanStart,
        _ => name.SpanStart,
    };

    // From the front of a qualified name; in a chain of calls, which may be long, at the name itself.
    private static SyntaxNode Place(SimpleNameSyntax name) => name.Parent switch
    {
        MemberAccessExpressionSyntax access when access.Name == name && IsName(access.Expression) => access,
        QualifiedNameSyntax qualified when qualified.Right == name => qualified,
        _ => name,
    };

    private static bool IsName(ExpressionSyntax expression) => expression switch
    {
        NameSyntax or PredefinedTypeSyntax => true,
        MemberAccessExpressionSyntax access when access.IsKind(SyntaxKind.SimpleMemberAccessExpression) => IsName(access.Expression),
        _ => false,
    };
}
