using System.Text.RegularExpressions;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Gateway.Scripting;

/// <summary>Calls into the framework that one number can make endless, or huge: the number is checked before.</summary>
internal sealed class GuardedCalls(ModuleDefinition module)
{
    // Type and method; which of its parameters is the number. Constructors of collections are taken in general.
    private static readonly Dictionary<(string Type, string Method), int> Numbers = new()
    {
        [("System.String", ".ctor")] = 1,
        [("System.String", "PadLeft")] = 0,
        [("System.String", "PadRight")] = 0,
        [("System.Text.StringBuilder", ".ctor")] = 0,
        [("System.Text.StringBuilder", "Append")] = 1,
        [("System.Text.StringBuilder", "EnsureCapacity")] = 0,
        [("System.Array", "Resize")] = 1,
        [("System.Linq.Enumerable", "Range")] = 1,
        [("System.Linq.Enumerable", "Repeat")] = 1,
        [("System.Collections.Generic.List`1", "EnsureCapacity")] = 0,
        [("System.Runtime.InteropServices.CollectionsMarshal", "SetCount")] = 1,
    };

    private readonly MethodReference _capacity = module.ImportReference(typeof(ScriptGuard).GetMethod(nameof(ScriptGuard.Capacity)));
    private readonly MethodReference _count = module.ImportReference(typeof(ScriptGuard).GetMethod(nameof(ScriptGuard.Count)));

    /// <summary>Checks the call's number, if it is such a call.</summary>
    public void Weave(ILProcessor il, Instruction call)
    {
        var method = (MethodReference)call.Operand;
        var type = method.DeclaringType.GetElementType().FullName;
        if (type == typeof(Regex).FullName && call.OpCode == OpCodes.Newobj)
        {
            call.OpCode = OpCodes.Call;
            call.Operand = NewRegex(method.Parameters.Count);
        }
        else if (NumberOf(type, method) is { } position)
        {
            Check(il, call, method, position, type == "System.Linq.Enumerable" ? _count : _capacity);
        }
    }

    private static int? NumberOf(string type, MethodReference method)
    {
        int? position = Numbers.TryGetValue((type, method.Name), out var known) ? known
            : method.Name == ".ctor" && type.StartsWith("System.Collections.", StringComparison.Ordinal) ? 0
            : null;
        return position is { } at && at < method.Parameters.Count && method.Parameters[at].ParameterType.MetadataType == MetadataType.Int32 ? at : null;
    }

    // The parameters above the number are taken off the stack and put back.
    private static void Check(ILProcessor il, Instruction call, MethodReference method, int position, MethodReference check)
    {
        var above = method.Parameters.Skip(position + 1).Select(parameter => new VariableDefinition(TypeOf(parameter.ParameterType, method))).ToArray();
        foreach (var variable in above)
        {
            il.Body.Variables.Add(variable);
        }

        GuardWeaver.Before(
            il, call,
            [.. above.Reverse().Select(variable => il.Create(OpCodes.Stloc, variable)), il.Create(OpCodes.Call, check), .. above.Select(variable => il.Create(OpCodes.Ldloc, variable))]);
    }

    // In a generic type's member the parameter is written as the type's own: what it stands for is in the reference.
    private static TypeReference TypeOf(TypeReference type, MethodReference method)
    {
        if (type is GenericParameter { Type: GenericParameterType.Type } parameter)
        {
            return ((GenericInstanceType)method.DeclaringType).GenericArguments[parameter.Position];
        }

        if (type is not GenericInstanceType generic)
        {
            return type;
        }

        var own = new GenericInstanceType(generic.ElementType);
        foreach (var argument in generic.GenericArguments)
        {
            own.GenericArguments.Add(TypeOf(argument, method));
        }

        return own;
    }

    private MethodReference NewRegex(int parameters) => module.ImportReference(
        typeof(ScriptGuard).GetMethods().Single(method => method.Name == nameof(ScriptGuard.NewRegex) && method.GetParameters().Length == parameters));
}
