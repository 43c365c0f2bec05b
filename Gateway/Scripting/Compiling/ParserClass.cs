using Gateway.Scripting.Contract;
using Microsoft.CodeAnalysis;

namespace Gateway.Scripting;

/// <summary>Finds the class that implements <see cref="IDeviceParser"/>, and checks that the gateway can make it and call it.</summary>
internal static class ParserClass
{
    private const string Expected = "a script is either functions, or one class that implements IDeviceParser with a public constructor without parameters";

    private static readonly SymbolDisplayFormat Signature = new(
        memberOptions: SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeType,
        parameterOptions: SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>All types of the script that implement the interface, in the order of the source.</summary>
    public static INamedTypeSymbol[] All(INamedTypeSymbol script) =>
        [.. TypesIn(script).Where(type => Interface(type) is not null).OrderBy(type => type.Locations[0].SourceSpan.Start)];

    /// <summary>The class, of a script without problems; null when it is one of functions.</summary>
    public static INamedTypeSymbol? Of(INamedTypeSymbol script) => Array.Find(All(script), IsConcrete);

    /// <summary>The class's name for the runtime, which has plus signs.</summary>
    public static string MetadataName(INamedTypeSymbol type) => type.ContainingType is { } outer ? $"{MetadataName(outer)}+{type.MetadataName}" : type.MetadataName;

    /// <summary>The class's own method for one of the interface's; null when it leaves that to the interface.</summary>
    public static ISymbol? Implementation(INamedTypeSymbol parser, string method) =>
        Interface(parser) is { } contract && parser.FindImplementationForInterfaceMember(contract.GetMembers(method)[0]) is { ContainingType.TypeKind: not TypeKind.Interface } own
            ? own
            : null;

    /// <summary>What is wrong with a script that has such types.</summary>
    public static IEnumerable<ScriptProblem> Problems(INamedTypeSymbol script, INamedTypeSymbol[] types, string file)
    {
        foreach (var function in ScriptFunction.All.SelectMany(function => script.GetMembers(function.Name)).OfType<IMethodSymbol>())
        {
            yield return At(
                function, file, ScriptProblemCode.ParserAndFunctions, $"{function.Name} would never be called beside the class {types[0].Name}: {Expected}");
        }

        INamedTypeSymbol[] concrete = [.. types.Where(IsConcrete)];
        foreach (var other in concrete.Skip(1))
        {
            yield return At(other, file, ScriptProblemCode.SeveralParsers, $"{other.Name} implements IDeviceParser, and so does {concrete[0].Name}: {Expected}");
        }

        var parser = concrete.FirstOrDefault() ?? types[0];
        if (Obstacle(parser) is { } obstacle)
        {
            yield return At(parser, file, ScriptProblemCode.UnusableParser, $"{parser.Name} {obstacle}: {Expected}");
        }

        foreach (var problem in Lookalikes(parser, file))
        {
            yield return problem;
        }
    }

    private static bool IsConcrete(INamedTypeSymbol type) => !type.IsAbstract && type.TypeKind is not TypeKind.Interface;

    private static string? Obstacle(INamedTypeSymbol type) => type switch
    {
        { TypeKind: TypeKind.Interface } => "is an interface",
        { TypeKind: not TypeKind.Class } => "is no class",
        { IsAbstract: true } => "is abstract",
        _ when IsGeneric(type) => "is generic",
        _ when !type.InstanceConstructors.Any(constructor => constructor is { Parameters.IsEmpty: true, DeclaredAccessibility: Accessibility.Public }) =>
            "has no public constructor without parameters",
        _ => null,
    };

    private static bool IsGeneric(INamedTypeSymbol type) => type.IsGenericType || (type.ContainingType is { } outer && IsGeneric(outer));

    // An optional method with another signature would silently never be called.
    private static IEnumerable<ScriptProblem> Lookalikes(INamedTypeSymbol parser, string file) =>
        from wanted in Interface(parser)!.GetMembers().OfType<IMethodSymbol>()
        where Implementation(parser, wanted.Name) is null
        from method in OwnAndInherited(parser).OfType<IMethodSymbol>()
        where method.Name.Equals(wanted.Name, StringComparison.OrdinalIgnoreCase) || method.Name.Replace("_", "", StringComparison.Ordinal).Equals(wanted.Name, StringComparison.OrdinalIgnoreCase)
        select At(
            method, file, ScriptProblemCode.MistypedFunction,
            $"{method.Name} is not the {wanted.Name} of IDeviceParser, and would never be called; expected public {wanted.ToDisplayString(Signature)}");

    private static IEnumerable<ISymbol> OwnAndInherited(INamedTypeSymbol type) => type.BaseType is { SpecialType: SpecialType.None } parent
        ? type.GetMembers().Concat(OwnAndInherited(parent))
        : type.GetMembers();

    private static IEnumerable<INamedTypeSymbol> TypesIn(INamedTypeSymbol type) => type.GetTypeMembers().SelectMany(inner => TypesIn(inner).Prepend(inner));

    private static INamedTypeSymbol? Interface(INamedTypeSymbol type) =>
        type.AllInterfaces.FirstOrDefault(face => face.ToDisplayString() == typeof(IDeviceParser).FullName);

    private static ScriptProblem At(ISymbol symbol, string file, string code, string message) => SourcePlace.Problem(symbol.Locations[0], file, code, message);
}
