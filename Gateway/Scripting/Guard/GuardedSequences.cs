using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Gateway.Scripting;

/// <summary>
/// Calls of the operators of LINQ. What they return is put behind <see cref="ScriptGuard.Watched"/>, so that a sequence is stopped even where no code of
/// the script takes part: forty times <c>all = all.Concat(all)</c> are a million million elements, and a hundred thousand of them overflow the stack.
/// </summary>
internal sealed class GuardedSequences(ModuleDefinition module)
{
    private const string Operators = "System.Linq.Enumerable";
    private const string Sequence = "System.Collections.Generic.IEnumerable`1";

    private readonly MethodReference _watched = module.ImportReference(typeof(ScriptGuard).GetMethod(nameof(ScriptGuard.Watched)));

    /// <summary>Watches what a call returns, if it is such a call.</summary>
    public void Weave(ILProcessor il, Instruction call, MethodReference method)
    {
        if (method is GenericInstanceMethod { DeclaringType.FullName: Operators, ReturnType: GenericInstanceType { ElementType.FullName: Sequence } result } called
            && method.Name is not ("Empty" or "AsEnumerable"))
        {
            var watched = new GenericInstanceMethod(_watched);
            watched.GenericArguments.Add(GuardedCalls.TypeOf(result.GenericArguments[0], called));
            il.InsertAfter(call, il.Create(OpCodes.Call, watched));
        }
    }
}
