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
        [("System.Text.StringBuilder", "Insert")] = 2,
        [("System.Text.StringBuilder", "set_Capacity")] = 0,
        [("System.Text.StringBuilder", "set_Length")] = 0,
        [("System.String", "Create")] = 0,
        [("System.Runtime.CompilerServices.DefaultInterpolatedStringHandler", "AppendFormatted")] = 1,
        [("System.IO.MemoryStream", ".ctor")] = 0,
        [("System.IO.MemoryStream", "set_Capacity")] = 0,
        [("System.IO.BinaryReader", "ReadBytes")] = 0,
        [("System.IO.BinaryReader", "ReadChars")] = 0,
        [("System.Buffers.ArrayBufferWriter`1", ".ctor")] = 0,
        [("System.Formats.Cbor.CborWriter", ".ctor")] = 3,
        [("System.Buffers.ArrayBufferWriter`1", "GetMemory")] = 0,
        [("System.Buffers.ArrayBufferWriter`1", "GetSpan")] = 0,
        [("System.Array", "Resize")] = 1,
        [("System.Linq.Enumerable", "Range")] = 1,
        [("System.Linq.Enumerable", "Repeat")] = 1,
        [("System.Runtime.InteropServices.CollectionsMarshal", "SetCount")] = 1,
    };

    private readonly MethodReference _capacity = module.ImportReference(typeof(ScriptGuard).GetMethod(nameof(ScriptGuard.Capacity)));
    private readonly MethodReference _count = module.ImportReference(typeof(ScriptGuard).GetMethod(nameof(ScriptGuard.Count)));

    private readonly MethodReference _area = module.ImportReference(typeof(ScriptGuard).GetMethod(nameof(ScriptGuard.Area)));
    private readonly MethodReference _inner = module.ImportReference(typeof(ScriptGuard).GetMethod(nameof(ScriptGuard.Inner)));
    private readonly MethodReference _replace = module.ImportReference(typeof(ScriptGuard).GetMethod(nameof(ScriptGuard.Replace)));
    private readonly GuardedMatches _matches = new(module);
    private readonly GuardedSequences _sequences = new(module);

    /// <summary>Whether a method is one of those whose calls are changed; it must not be called in another way, such as through a delegate.</summary>
    public static bool IsGuarded(MethodReference method)
    {
        var type = method.DeclaringType.GetElementType().FullName;
        return GuardedMatches.IsMatch(method) || IsReplace(type, method) || NumberOf(type, method) is not null;
    }

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
        else if (method is { Name: ".ctor", DeclaringType: ArrayType { Rank: > 1 } array })
        {
            Area(il, call, method, array.ElementType);
        }
        else if (GuardedMatches.IsMatch(method))
        {
            _matches.Weave(il, call, method);
        }
        else if (IsReplace(type, method))
        {
            (call.OpCode, call.Operand) = (OpCodes.Call, _replace);
        }
        else if (InnerOf(method) is >= 0 and var inner)
        {
            Check(il, call, method, inner, _inner);
        }
        else
        {
            _sequences.Weave(il, call, method);
            if (NumberOf(type, method) is { } position)
            {
                Check(il, call, method, position, type == "System.Linq.Enumerable" ? _count : _capacity);
            }
        }
    }

    private static bool IsReplace(string type, MethodReference method) =>
        type == "System.String" && method.Name == "Replace" && method.Parameters.Count == 2 && method.Parameters[0].ParameterType.MetadataType == MetadataType.String;

    // Which parameter of an exception's constructor is the exception within, or -1.
    private static int InnerOf(MethodReference method) => method is { Name: ".ctor", DeclaringType: not TypeDefinition }
        ? method.Parameters.ToList().FindIndex(parameter => parameter.ParameterType.FullName == "System.Exception") : -1;

    private static int? NumberOf(string type, MethodReference method)
    {
        int? position = Numbers.TryGetValue((type, method.Name), out var known) ? known
            : method.Name is ".ctor" or "EnsureCapacity" or "set_Capacity" && type.StartsWith("System.Collections.", StringComparison.Ordinal) ? 0
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

    // new T[a, b]: the lengths are taken off the stack, multiplied, and put back. A product past 64 bits is more than the runtime allows.
    private void Area(ILProcessor il, Instruction call, MethodReference method, TypeReference element)
    {
        var lengths = method.Parameters.Select(parameter => new VariableDefinition(parameter.ParameterType)).ToArray();
        foreach (var variable in lengths)
        {
            il.Body.Variables.Add(variable);
        }

        GuardWeaver.Before(
            il, call,
            [
                .. lengths.Reverse().Select(length => il.Create(OpCodes.Stloc, length)),
                il.Create(OpCodes.Ldc_I8, 1L),
                .. lengths.SelectMany(length => new[] { il.Create(OpCodes.Ldloc, length), il.Create(OpCodes.Conv_I8), il.Create(OpCodes.Mul) }),
                il.Create(OpCodes.Sizeof, element), il.Create(OpCodes.Call, _area),
                .. lengths.Select(length => il.Create(OpCodes.Ldloc, length)),
            ]);
    }

    /// <summary>
    /// What a type in a method's signature is in a call of it: the signature of a generic method, or of a generic type's, is written with the parameters
    /// of those, and what they stand for is in the reference.
    /// </summary>
    public static TypeReference TypeOf(TypeReference type, MethodReference method)
    {
        switch (type)
        {
            case GenericParameter { Type: GenericParameterType.Type } parameter:
                return ((GenericInstanceType)method.DeclaringType).GenericArguments[parameter.Position];
            case GenericParameter parameter:
                return ((GenericInstanceMethod)method).GenericArguments[parameter.Position];
            case ArrayType array:
                return new ArrayType(TypeOf(array.ElementType, method), array.Rank);
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
