using System.Text.RegularExpressions;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Gateway.Scripting;

/// <summary>Calls of the static methods of <see cref="Regex"/>, which have no time limit unless they are given one: all are given the guard's.</summary>
internal sealed class GuardedMatches(ModuleDefinition module)
{
    private const string Type = "System.Text.RegularExpressions.Regex";

    private readonly TypeReference _options = module.ImportReference(typeof(RegexOptions));
    private readonly TypeReference _time = module.ImportReference(typeof(TimeSpan));
    private readonly MethodReference _interpreted = module.ImportReference(typeof(ScriptGuard).GetMethod(nameof(ScriptGuard.Interpreted)));
    private readonly MethodReference _limited = module.ImportReference(typeof(ScriptGuard).GetMethod(nameof(ScriptGuard.Limited)));

    /// <summary>Whether a method is one of them. The others take no pattern, or a single text to be escaped.</summary>
    public static bool IsMatch(MethodReference method) => method is { HasThis: false, DeclaringType.FullName: Type, Parameters.Count: > 1 };

    /// <summary>Calls the form with options and a time limit, whichever was called. Each method has it.</summary>
    public void Weave(ILProcessor il, Instruction call, MethodReference method)
    {
        var full = new MethodReference(method.Name, method.ReturnType, method.DeclaringType);
        foreach (var parameter in method.Parameters.Where(parameter => parameter.ParameterType.FullName != _options.FullName && parameter.ParameterType.FullName != _time.FullName))
        {
            full.Parameters.Add(new ParameterDefinition(parameter.ParameterType));
        }

        full.Parameters.Add(new ParameterDefinition(_options));
        full.Parameters.Add(new ParameterDefinition(_time));
        call.Operand = full;
        var time = new VariableDefinition(_time);
        il.Body.Variables.Add(time);
        il.Body.InitLocals = true;
        var last = method.Parameters[^1].ParameterType.FullName;
        Instruction above = last == _time.FullName ? il.Create(OpCodes.Stloc, time) : last == _options.FullName ? il.Create(OpCodes.Nop) : il.Create(OpCodes.Ldc_I4_0);
        GuardWeaver.Before(il, call, above, il.Create(OpCodes.Call, _interpreted), il.Create(OpCodes.Ldloc, time), il.Create(OpCodes.Call, _limited));
    }
}
