using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Gateway.Scripting;

/// <summary>
/// Asks <see cref="ScriptPolicy"/> about all that a compiled script uses, before the guard is woven in. It finds what the source uses without
/// naming it, and can't be fooled by syntax. What the compiler uses by itself is let pass here, for <see cref="SourcePolicy"/> refuses it where it is written.
/// </summary>
internal sealed class ImagePolicy
{
    private const string Regex = "System.Text.RegularExpressions.Regex";
    private const string Json = "System.Text.Json.Nodes";

    // Null when it is allowed; an image names each once, and uses it many times.
    private readonly Dictionary<MemberReference, string?> _refusals = [];

    private ImagePolicy()
    {
    }

    /// <summary>What a script uses that is not for scripts, each where it is used for the first time.</summary>
    /// <param name="module">The script.</param>
    /// <param name="file">Where a problem is told that has no line of its own.</param>
    public static IReadOnlyList<ScriptProblem> Problems(ModuleDefinition module, string file)
    {
        var policy = new ImagePolicy();
        var uses =
            from method in module.GetTypes().SelectMany(type => type.Methods)
            where method.HasBody
            from instruction in method.Body.Instructions
            let refusal = instruction.Operand is MemberReference used ? policy.Refusal(used, instruction.OpCode) : null
            where refusal is not null
            select Problem(refusal, file, method, instruction);
        return [.. uses.DistinctBy(problem => problem.Message)];
    }

    /// <summary>
    /// The names that need to be asked about in the source: those of <see cref="ScriptPolicy.CompilerNames"/>, and of types that are not for scripts
    /// and yet in the image, often only because an allowed method could be given one (JsonNode.ToJsonString its options). Null when all names do,
    /// for a member is used that is not for scripts. It costs next to nothing, where looking up every name takes as long as compiling.
    /// </summary>
    public static IReadOnlySet<string>? DoubtfulNames(ModuleDefinition module) => module.GetMemberReferences().All(member => OfMember(member) is null)
        ? module.GetTypeReferences().Where(type => OfType(type) is not null).SelectMany(Names).Concat(ScriptPolicy.CompilerNames).ToHashSet()
        : null;

    // A nested type may be written without the one around it.
    private static IEnumerable<string> Names(TypeReference type) => type.DeclaringType is { } around ? Names(around).Append(Plain(type.Name)) : [Plain(type.Name)];

    private static string Plain(string name) => name.IndexOf('`') is var arity and >= 0 ? name[..arity] : name;

    private string? Refusal(MemberReference used, OpCode code)
    {
        if (!_refusals.TryGetValue(used, out var refusal))
        {
            _refusals[used] = refusal = used switch
            {
                TypeReference type => OfType(type),
                GenericInstanceMethod { DeclaringType.Namespace: Json } method when !method.GenericArguments.All(IsJson) => Kept(method),
                GenericInstanceMethod method => OfMember(method.ElementMethod),
                _ => OfMember(used),
            };
        }

        if (refusal is null && code.Code is Code.Ldftn or Code.Ldvirtftn && GuardedCalls.IsGuarded((MethodReference)used))
        {
            return Text($"{used.DeclaringType.Name}.{used.Name} as a delegate", "what it is given is checked where it is called; write a lambda that calls it");
        }

        // A constructor that is called, and not to make an object, is called by one that derives from it.
        return refusal ?? (code == OpCodes.Call && used is { Name: ".ctor", DeclaringType.FullName: Regex }
            ? Text("deriving from Regex", "the time of a match could not be limited; make a new Regex(...)")
            : null);
    }

    private static string? OfType(TypeReference type)
    {
        var outermost = Outermost(type.GetElementType());
        return !IsForeign(outermost) || ScriptPolicy.IsCompilers(outermost.Namespace, outermost.Name) || ScriptPolicy.Type(outermost.Namespace, outermost.Name) is not { } reason
            ? null
            : Text(outermost.FullName, reason);
    }

    private static string? OfMember(MemberReference member)
    {
        var type = Outermost(member.DeclaringType.GetElementType());
        if (member.DeclaringType is ArrayType || !IsForeign(type) || ScriptPolicy.IsCompilers(type.Namespace, type.Name, member.Name))
        {
            return null;
        }

        var parameters = member is MethodReference method ? method.Parameters.Count : -1;
        var reason = ScriptPolicy.Type(type.Namespace, type.Name) ?? ScriptPolicy.Member(type.Namespace, type.Name, member.Name, parameters) ?? OfResult(member);
        return reason is null ? null : Text(member.Name == ".ctor" ? $"new {type.Name}({(parameters == 0 ? "" : "...")})" : $"{type.Name}.{member.Name}", reason);
    }

    // What a script can't name it must not be given either.
    private static string? OfResult(MemberReference member)
    {
        var result = member is MethodReference method ? method.ReturnType : ((FieldReference)member).FieldType;
        var type = Outermost(result.GetElementType());
        return IsForeign(type) && !result.IsArray ? ScriptPolicy.Type(type.Namespace, type.Name) : null;
    }

    // JsonValue.Create<T> and its like hand what they don't know to the serializer, which keeps the type, and with it the script's version, for good.
    private static string Kept(GenericInstanceMethod method) => Text(
        $"{method.DeclaringType.Name}.{method.Name}<{string.Join(", ", method.GenericArguments.Select(argument => argument.Name))}>",
        "it would keep old versions of the script in memory; give it a number, a text, a truth value, a time or a node");

    private static bool IsJson(TypeReference type) => type switch
    {
        GenericInstanceType { ElementType.FullName: "System.Nullable`1" } nullable => IsJson(nullable.GenericArguments[0]),
        TypeDefinition or GenericParameter or ArrayType => false,
        _ => type.Namespace.StartsWith("System.Text.Json", StringComparison.Ordinal) || (type.Namespace == "System" && (type.IsValueType || type.MetadataType == MetadataType.String)),
    };

    private static bool IsForeign(TypeReference type) => type is not (TypeDefinition or GenericParameter)
        && !(type.Scope is AssemblyNameReference assembly && assembly.Name.StartsWith($"{ScriptPolicy.Messages}.", StringComparison.Ordinal));

    private static TypeReference Outermost(TypeReference type) => type.DeclaringType is { } around ? Outermost(around) : type;

    private static string Text(string what, string reason) => $"{what} is not available to scripts: {reason}";

    private static ScriptProblem Problem(string message, string file, MethodDefinition method, Instruction use) =>
        method.DebugInformation.SequencePoints.LastOrDefault(point => !point.IsHidden && point.Offset <= use.Offset) is { } place
            ? new ScriptProblem(place.Document.Url, place.StartLine, place.StartColumn, ScriptProblemCode.HiddenUse, message)
            : ScriptProblem.OfFile(file, ScriptProblemCode.HiddenUse, message);
}
