using System.Reflection;

namespace Gateway.Scripting;

/// <summary>A compiled script's bytes to functions that can be called. Knows nothing of the compiler.</summary>
internal static class ScriptLoader
{
    // The static method that the compiler makes for a host: it makes the script's object and runs the top-level code.
    private const string Factory = "<Factory>";

    /// <summary>Loads a script into a context of its own and runs its top-level code.</summary>
    public static ScriptBuild Load(ScriptImage image)
    {
        var context = new ScriptContext($"{image.Name} {image.Version}");
        try
        {
            var script = Start(context, image);
            return new ScriptBuild(new CompiledScript(image.Name, image.Version, context, new ScriptBinder(script)));
        }
        catch (Exception exception)
        {
            context.Unload();
            return new ScriptBuild([FailureText.AtStart(exception, image.Name)]);
        }
    }

    private static object Start(ScriptContext context, ScriptImage image)
    {
        using MemoryStream assembly = new(image.Assembly), symbols = new(image.Symbols);
        var type = context.LoadFromStream(assembly, symbols).GetType(image.TypeName, throwOnError: true)!;
        var factory = type.GetMethod(Factory, BindingFlags.Static | BindingFlags.Public)!.CreateDelegate<Func<object?[], Task<object>>>();

        // By the compiler's convention the first slot is for the host's globals, of which there are none, and the script puts itself into the second.
        var slots = new object?[2];
        factory(slots).GetAwaiter().GetResult();
        return slots[1]!;
    }
}
