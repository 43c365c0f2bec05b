using Gateway.Scripting.Contract;
using Microsoft.CodeAnalysis;

namespace Gateway.Scripting;

/// <summary>Checks that a script has the functions that the gateway calls, as it calls them: an error with a place now, instead of a failure at the first frame.</summary>
internal static class FunctionCheck
{
    /// <summary>What is wrong with the script's functions.</summary>
    public static IEnumerable<ScriptProblem> Problems(INamedTypeSymbol script, string file) => ParserClass.All(script) is { Length: > 0 } parsers
        ? ParserClass.Problems(script, parsers, file)
        : ScriptFunction.All.Select(function => Problem(function, script, file)).OfType<ScriptProblem>();

    /// <summary>Where the script lists its commands, from 1; its beginning when it does not.</summary>
    public static (int Line, int Column) PlaceOfCommands(INamedTypeSymbol script, INamedTypeSymbol? parser)
    {
        var list = parser is null ? script.GetMembers(ScriptFunction.Commands.Name).FirstOrDefault() : ParserClass.Implementation(parser, nameof(IDeviceParser.Commands));
        return list?.Locations[0] is { IsInSource: true } location && location.GetLineSpan().StartLinePosition is var place
            ? (place.Line + 1, place.Character + 1)
            : (1, 1);
    }

    private static ScriptProblem? Problem(ScriptFunction function, INamedTypeSymbol script, string file)
    {
        var members = script.GetMembers(function.Name);
        if (members.IsEmpty)
        {
            return function.Required ? Missing(function, script, file) : null;
        }

        if (members[0] is not IMethodSymbol method)
        {
            return At(members[0], file, ScriptProblemCode.MistypedFunction, $"{function.Name} must be a function: {function.Signature}");
        }

        if (members.Length > 1)
        {
            return At(members[1], file, ScriptProblemCode.OverloadedFunction, $"there must be only one {function.Name}: {function.Signature}");
        }

        if (method.IsAsync)
        {
            return At(method, file, ScriptProblemCode.Asynchronous, $"{function.Name} must not be async, the gateway calls it synchronously: {function.Signature}");
        }

        return Mismatch(function, method) is { } mismatch
            ? At(method, file, ScriptProblemCode.MistypedFunction, $"{mismatch}; expected {function.Signature}")
            : null;
    }

    // A name in another spelling is the likeliest reason, and worth pointing at.
    private static ScriptProblem Missing(ScriptFunction function, INamedTypeSymbol script, string file)
    {
        var message = $"the script has no function {function.Name}: {function.Signature}";
        var lookalike = script.GetMembers().OfType<IMethodSymbol>().FirstOrDefault(method => Plain(method.Name) == Plain(function.Name));
        return lookalike is null
            ? ScriptProblem.OfFile(file, ScriptProblemCode.MissingFunction, $"{message}; a class that implements IDeviceParser would do as well")
            : At(lookalike, file, ScriptProblemCode.MissingFunction, $"{message}; this one is named {lookalike.Name}");
    }

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    private static string? Mismatch(ScriptFunction function, IMethodSymbol method)
    {
        if (method.IsGenericMethod)
        {
            return $"{function.Name} must not be generic";
        }

        if (method.Parameters.Length < function.MinimumParameters || method.Parameters.Length > function.Parameters.Length)
        {
            return $"{function.Name} has the wrong number of parameters";
        }

        foreach (var (parameter, accepted) in method.Parameters.Zip(function.Parameters))
        {
            if (parameter.RefKind != RefKind.None || !accepted.Contains(Name(parameter.Type)))
            {
                return $"{function.Name} can't be called with the parameter {parameter.Name}";
            }
        }

        return method.RefKind == RefKind.None && Faces(method.ReturnType).Any(function.Results.Contains)
            ? null
            : $"{function.Name} has the wrong result type";
    }

    private static IEnumerable<string> Faces(ITypeSymbol type) => type.AllInterfaces.Prepend(type).Select(Name);

    private static string Name(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    private static ScriptProblem At(ISymbol symbol, string file, string code, string message) => SourcePlace.Problem(symbol.Locations[0], file, code, message);
}
