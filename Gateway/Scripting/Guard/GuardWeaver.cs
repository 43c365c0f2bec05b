using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace Gateway.Scripting;

/// <summary>
/// Puts the checks of <see cref="ScriptGuard"/> into a compiled script. Done to the image and not to the source:
/// the compiler makes methods that no source shows (field initialisers, a record's GetHashCode), and those can recurse and loop, too.
/// Every instruction is changed in place, so that jumps, handlers and the lines of stack traces go on pointing at it.
/// </summary>
internal sealed class GuardWeaver
{
    private readonly ModuleDefinition _module;
    private readonly GuardedCalls _calls;
    private readonly GuardedHandlers _handlers;
    private readonly HashSet<MethodDefinition> _shallow;
    private readonly MethodReference _enter;
    private readonly MethodReference _enterShallow;
    private readonly MethodReference _look;
    private readonly MethodReference _length;
    private readonly FieldReference _ticks;

    private GuardWeaver(ModuleDefinition module)
    {
        _module = module;
        _calls = new GuardedCalls(module);
        _handlers = new GuardedHandlers(module);
        _shallow = GuardedComparers.Of(module);
        _enterShallow = Guard(nameof(ScriptGuard.EnterShallow));
        _enter = Guard(nameof(ScriptGuard.Enter));
        _look = Guard(nameof(ScriptGuard.Look));
        _length = Guard(nameof(ScriptGuard.Length));
        _ticks = module.ImportReference(typeof(ScriptWatchdog).GetField(nameof(ScriptWatchdog.Ticks)));
    }

    /// <summary>Puts the checks into a module.</summary>
    public static void Weave(ModuleDefinition module)
    {
        GuardAccess.Grant(module);
        var weaver = new GuardWeaver(module);
        foreach (var method in module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody))
        {
            weaver.Weave(method.Body);
        }
    }

    private void Weave(MethodBody body)
    {
        // What to change is looked for before anything moves.
        Instruction[] backward = [.. body.Instructions.Where(IsBackward)];
        Instruction[] arrays = [.. body.Instructions.Where(instruction => instruction.OpCode == OpCodes.Newarr)];
        Instruction[] calls = [.. body.Instructions.Where(instruction => instruction.OpCode.Code is Code.Call or Code.Callvirt or Code.Newobj)];
        var canRecurse = body.Method is { IsConstructor: true, IsStatic: true } || calls.Any(call => !IsObjectConstructor((MethodReference)call.Operand));
        body.SimplifyMacros();
        var il = body.GetILProcessor();
        foreach (var array in arrays)
        {
            Before(il, array, il.Create(OpCodes.Sizeof, (TypeReference)array.Operand), il.Create(OpCodes.Call, _length));
        }

        foreach (var call in calls)
        {
            _calls.Weave(il, call);
        }

        if (backward.Length > 0)
        {
            WeaveLoops(il, backward);
        }

        _handlers.Weave(il);
        if (canRecurse)
        {
            Before(il, body.Instructions[0], il.Create(OpCodes.Call, _shallow.Contains(body.Method) ? _enterShallow : _enter));
        }

        body.OptimizeMacros();
    }

    // if (ScriptWatchdog.Ticks != seen) ScriptGuard.Look(ref seen);
    private void WeaveLoops(ILProcessor il, Instruction[] backward)
    {
        var seen = new VariableDefinition(_module.TypeSystem.Int32);
        il.Body.Variables.Add(seen);
        il.Body.InitLocals = true;
        foreach (var jump in backward)
        {
            var skip = il.Create(OpCodes.Nop);
            Before(
                il, jump, il.Create(OpCodes.Ldsfld, _ticks), il.Create(OpCodes.Ldloc, seen), il.Create(OpCodes.Beq, skip),
                il.Create(OpCodes.Ldloca, seen), il.Create(OpCodes.Call, _look), skip);
        }
    }

    /// <summary>Puts instructions before one so that whoever jumps to that one comes by them: the first takes its place.</summary>
    internal static void Before(ILProcessor il, Instruction place, params ReadOnlySpan<Instruction> added)
    {
        var moved = il.Create(OpCodes.Nop);
        (moved.OpCode, moved.Operand) = (place.OpCode, place.Operand);
        (place.OpCode, place.Operand) = (added[0].OpCode, added[0].Operand);
        var last = place;
        foreach (var instruction in added[1..])
        {
            il.InsertAfter(last, instruction);
            last = instruction;
        }

        il.InsertAfter(last, moved);
    }

    // Every constructor calls it. What calls nothing else can't recurse, and is spared the check: a property, most of the time.
    // A static constructor can, without a call: by the field of another type, whose static constructor is run by that.
    private static bool IsObjectConstructor(MethodReference method) => method.Name == ".ctor" && method.DeclaringType.MetadataType == MetadataType.Object;

    private static bool IsBackward(Instruction instruction) => instruction.Operand switch
    {
        Instruction target => target.Offset <= instruction.Offset,
        Instruction[] targets => targets.Any(target => target.Offset <= instruction.Offset),
        _ => false,
    };

    private MethodReference Guard(string name) => _module.ImportReference(typeof(ScriptGuard).GetMethod(name));
}
