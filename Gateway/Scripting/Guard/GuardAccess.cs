using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Gateway.Scripting;

/// <summary>
/// Lets a woven script call what is internal to the gateway. The runtime goes by an attribute of this name, which each assembly must bring itself.
/// The script's source was compiled without it, and sees nothing but the contract.
/// </summary>
internal static class GuardAccess
{
    private const string Name = "IgnoresAccessChecksToAttribute";

    /// <summary>Adds the attribute.</summary>
    public static void Grant(ModuleDefinition module)
    {
        var system = module.TypeSystem;
        var baseType = module.ImportReference(typeof(Attribute));
        var attribute = new TypeDefinition("System.Runtime.CompilerServices", Name, TypeAttributes.NotPublic | TypeAttributes.Sealed | TypeAttributes.BeforeFieldInit, baseType);
        var constructor = new MethodDefinition(
            ".ctor", MethodAttributes.Public | MethodAttributes.HideBySig | MethodAttributes.SpecialName | MethodAttributes.RTSpecialName, system.Void);
        constructor.Parameters.Add(new ParameterDefinition("assemblyName", ParameterAttributes.None, system.String));
        var il = constructor.Body.GetILProcessor();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Call, new MethodReference(".ctor", system.Void, baseType) { HasThis = true });
        il.Emit(OpCodes.Ret);
        attribute.Methods.Add(constructor);
        module.Types.Add(attribute);

        var gateway = typeof(GuardAccess).Assembly.GetName().Name;
        module.Assembly.CustomAttributes.Add(new CustomAttribute(constructor) { ConstructorArguments = { new CustomAttributeArgument(system.String, gateway) } });
    }
}
