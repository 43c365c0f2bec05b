using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Gateway.Scripting;

/// <summary>
/// Keeps a script that is being stopped from handling it. Its catches are given a filter that lets them pass, and its finallys are skipped.
/// Throwing again out of them would do, too, were it not for the stack: the runtime gives a frame back only when a handler has come to its end,
/// so that a deep recursion with a handler on each level would overflow the stack while it is being stopped.
/// </summary>
internal sealed class GuardedHandlers(ModuleDefinition module)
{
    private readonly MethodReference _handles = Guard(module, nameof(ScriptGuard.Handles));
    private readonly MethodReference _filters = Guard(module, nameof(ScriptGuard.Filters));
    private readonly MethodReference _isStopped = Guard(module, nameof(ScriptGuard.IsStopped));

    /// <summary>Changes a method's handlers.</summary>
    public void Weave(ILProcessor il)
    {
        foreach (var handler in il.Body.ExceptionHandlers)
        {
            switch (handler.HandlerType)
            {
                case ExceptionHandlerType.Catch:
                    Catch(il, handler);
                    break;
                case ExceptionHandlerType.Filter:
                    GuardWeaver.Before(il, handler.HandlerStart.Previous, il.Create(OpCodes.Call, _filters));
                    break;
                default:
                    Finally(il, handler);
                    break;
            }
        }
    }

    // catch (T) becomes catch (object o) when (ScriptGuard.Handles(o as T)). Other handlers' ends stay where they are: at the new filter's start.
    private void Catch(ILProcessor il, ExceptionHandler handler)
    {
        var caught = handler.CatchType;
        var start = handler.HandlerStart;
        var handling = il.Create(caught is GenericParameter ? OpCodes.Unbox_Any : OpCodes.Castclass, caught);
        GuardWeaver.Before(il, start, il.Create(OpCodes.Isinst, caught), il.Create(OpCodes.Call, _handles), il.Create(OpCodes.Endfilter), handling);
        handler.HandlerType = ExceptionHandlerType.Filter;
        handler.FilterStart = start;
        handler.HandlerStart = handling;
        handler.CatchType = null;
    }

    private void Finally(ILProcessor il, ExceptionHandler handler)
    {
        var end = handler.HandlerEnd?.Previous ?? il.Body.Instructions[^1];
        while (end != handler.HandlerStart && end.OpCode != OpCodes.Endfinally)
        {
            end = end.Previous;
        }

        if (end != handler.HandlerStart)
        {
            GuardWeaver.Before(il, handler.HandlerStart, il.Create(OpCodes.Call, _isStopped), il.Create(OpCodes.Brtrue, end));
        }
    }

    private static MethodReference Guard(ModuleDefinition module, string name) => module.ImportReference(typeof(ScriptGuard).GetMethod(name));
}
