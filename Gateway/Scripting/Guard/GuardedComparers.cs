using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Gateway.Scripting;

/// <summary>
/// Finds the methods that the framework calls with a handler around them: those with which it sorts.
/// Each such level takes 25 KB of stack while it is being stopped, so they may be nested only a little.
/// </summary>
internal static class GuardedComparers
{
    /// <summary>The module's methods of this kind.</summary>
    public static HashSet<MethodDefinition> Of(ModuleDefinition module)
    {
        MethodDefinition[] methods = [.. module.GetTypes().SelectMany(type => type.Methods)];
        return [.. methods.Where(IsComparison), .. methods.Where(method => method.HasBody).SelectMany(Comparisons)];
    }

    private static bool IsComparison(MethodDefinition method) =>
        method.IsVirtual && (method.Name.EndsWith("Compare", StringComparison.Ordinal) || method.Name.EndsWith("CompareTo", StringComparison.Ordinal));

    // What a Comparison<T> is made of: ldftn, newobj.
    private static IEnumerable<MethodDefinition> Comparisons(MethodDefinition method) => method.Body.Instructions
        .Where(instruction => instruction.OpCode.Code is Code.Ldftn or Code.Ldvirtftn && instruction.Next.Operand is MethodReference made
            && made.DeclaringType.GetElementType().FullName == "System.Comparison`1")
        .Select(instruction => ((MethodReference)instruction.Operand).Resolve())
        .Where(target => target?.Module == method.Module);
}
