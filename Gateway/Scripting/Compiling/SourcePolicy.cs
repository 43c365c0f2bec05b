using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Gateway.Scripting;

/// <summary>
/// Asks <see cref="ScriptPolicy"/> about every name in a script's source. What is used without a name, such as an operator or a constructor of
/// <c>new()</c>, is left to <see cref="ImagePolicy"/>. Made for one compilation.
/// </summary>
/// <param name="script">The script.</param>
/// <param name="doubtful">Which names need to be asked about, by <see cref="ImagePolicy.DoubtfulNames"/>; null for all.</param>
internal sealed class SourcePolicy(IAssemblySymbol script, IReadOnlySet<string>? doubtful)
{
    // Null when the symbol is allowed; the same few are used again and again.
    private readonly Dictionary<ISymbol, string?> _refusals = new(SymbolEqualityComparer.Default);

    /// <summary>Why a name is not for scripts, or null.</summary>
    public string? Refusal(SimpleNameSyntax name, SemanticModel model)
    {
        if (!IsDoubtful(name) || name is IdentifierNameSyntax { IsVar: true } || model.GetSymbolInfo(name).Symbol is not { } symbol)
        {
            return null;
        }

        // What is only named is not used.
        return Refusal(symbol) is { } refusal && !IsInNameof(name) ? refusal : null;
    }

    // An attribute of the compiler's is in the image as one that was written.
    private bool IsDoubtful(SimpleNameSyntax name) => doubtful?.Contains(name.Identifier.ValueText) != false || name.Parent is AttributeSyntax or QualifiedNameSyntax { Parent: AttributeSyntax };

    private string? Refusal(ISymbol symbol)
    {
        if (symbol is not (INamedTypeSymbol or IMethodSymbol or IPropertySymbol or IFieldSymbol or IEventSymbol))
        {
            return null;
        }

        var original = symbol is IMethodSymbol { ReducedFrom: { } extension } ? extension.OriginalDefinition : symbol.OriginalDefinition;
        if (!_refusals.TryGetValue(original, out var refusal))
        {
            _refusals[original] = refusal = original is INamedTypeSymbol type ? OfType(type) : OfMember(original);
        }

        return refusal;
    }

    private string? OfMember(ISymbol member)
    {
        if (member.ContainingType is not { } type || !IsForeign(type))
        {
            return null;
        }

        var (space, name) = Named(type);
        var parameters = member is IMethodSymbol method ? method.Parameters.Length : -1;
        return OfType(type) ?? (ScriptPolicy.Member(space, name, member.Name, parameters) is { } reason
            ? Text($"{type.Name}.{member.Name}", reason)
            : OfResult(type, member));
    }

    // What a script can't name it must not be given either.
    private string? OfResult(INamedTypeSymbol type, ISymbol member) => ResultOf(member) is INamedTypeSymbol result && result.OriginalDefinition is var plain
        && IsForeign(plain) && Named(plain) is var (space, name) && ScriptPolicy.Type(space, name) is { } reason ? Text($"{type.Name}.{member.Name}", reason) : null;

    private static ITypeSymbol? ResultOf(ISymbol member) => member switch
    {
        IMethodSymbol { MethodKind: not MethodKind.Constructor } method => method.ReturnType,
        IPropertySymbol property => property.Type,
        IFieldSymbol field => field.Type,
        _ => null,
    };

    private string? OfType(INamedTypeSymbol type)
    {
        if (!IsForeign(type))
        {
            return null;
        }

        var (space, name) = Named(type);
        return ScriptPolicy.Type(space, name) is { } reason ? Text($"{space}.{type.Name}", reason) : null;
    }

    private bool IsForeign(INamedTypeSymbol type) => type.ContainingAssembly is { } assembly && !SymbolEqualityComparer.Default.Equals(assembly, script)
        && !assembly.Name.StartsWith($"{ScriptPolicy.Messages}.", StringComparison.Ordinal);

    private static (string Space, string Name) Named(INamedTypeSymbol type)
    {
        var outermost = type;
        while (outermost.ContainingType is { } around)
        {
            outermost = around;
        }

        return (outermost.ContainingNamespace.ToDisplayString(), outermost.Name);
    }

    private static string Text(string what, string reason) => $"{what} is not available to scripts: {reason}";

    private static bool IsInNameof(SyntaxNode name) => name.Ancestors().Any(node => node is InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "nameof" } });
}
