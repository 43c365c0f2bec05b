using System.Reflection;

namespace Gateway.Scripting;

/// <summary>A compiled script's bytes to functions that can be called. Knows nothing of the compiler.</summary>
internal static class ScriptLoader
{
    // The static method that the compiler makes for a host: it makes the script's object and runs the top-level code.
    private const string Factory = "<Factory>";

    /// <summary>Loads a script into a context of its own and runs its top-level code.</summary>
    public static ScriptBuild Load(ScriptImage image, ScriptLimits limits)
    {
        var context = new ScriptContext($"{image.Name} {image.Version}", image.Library);
        var budget = ScriptBudget.Begin(image.Name, limits.ForStart());
        try
        {
            var script = Start(context, image);
            return budget.Failure() is { } failure
                ? Failed(context, FailureText.Stopped(failure, image.Name))
                : new ScriptBuild(new CompiledScript(image.Name, image.Version, limits, context, new ScriptBinder(script)));
        }
        catch (Exception exception)
        {
            var problem = FailureText.AtStart(exception, image.Name);
            return Failed(context, budget.Failure() is { } failure ? FailureText.Stopped(failure, image.Name) : problem);
        }
        finally
        {
            budget.End();
        }
    }

    private static ScriptBuild Failed(ScriptContext context, ScriptProblem problem)
    {
        context.Unload();
        return new ScriptBuild([problem]);
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
