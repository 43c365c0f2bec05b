using System.Reflection;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>A compiled script's bytes to functions that can be called. Knows nothing of the compiler.</summary>
internal static class ScriptLoader
{
    // The static method that the compiler makes for a host: it makes the script's object and runs the top-level code.
    private const string Factory = "<Factory>";

    /// <summary>Loads a script into a context of its own and runs its top-level code.</summary>
    /// <param name="image">The script.</param>
    /// <param name="limits">What it may take.</param>
    /// <param name="passed">Whether the same image has been loaded before, and has passed its vectors.</param>
    public static ScriptBuild Load(ScriptImage image, ScriptLimits limits, bool passed = false)
    {
        var twin = new ScriptTwin(() => LoadOnce(image, limits, twin: null, passed).Script);
        var build = LoadOnce(image with { Assembly = JitOptimization.Allow(image.Assembly) }, limits, twin, passed);

        // The lines of a problem are exact in code that is not optimized.
        return !build.Succeeded && LoadOnce(image, limits, twin: null, passed) is { Succeeded: false } exact ? exact : build;
    }

    private static ScriptBuild LoadOnce(ScriptImage image, ScriptLimits limits, ScriptTwin? twin, bool passed)
    {
        var context = new ScriptContext($"{image.Name} {image.Version}", image.Library);
        var budget = ScriptBudget.Begin(limits.ForStart());
        try
        {
            var functions = Start(context, image);
            var commands = functions.Commands is { } list ? Catalog(list, image, passed) : CommandCatalog.Empty;
            return budget.Failure() is { } failure
                ? Failed(context, FailureText.Stopped(failure.At(budget.Place, image.Name), image.Name))
                : new ScriptBuild(new CompiledScript(image.Name, image.Version, limits, context, functions, commands, twin));
        }
        catch (CatalogException exception)
        {
            var problem = new ScriptProblem(image.Name, image.CommandsAt.Line, image.CommandsAt.Column, exception.Code, exception.Message);
            return Failed(context, budget.Failure() is { } failure ? FailureText.Stopped(failure.At(budget.Place, image.Name), image.Name) : problem);
        }
        catch (Exception exception)
        {
            var problem = FailureText.AtStart(exception, image.Name);
            return Failed(context, budget.Failure() is { } failure ? FailureText.Stopped(failure.At(budget.Place, image.Name), image.Name) : problem);
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

    // What the script itself throws is told with its line.
    private static CommandCatalog Catalog(Func<IEnumerable<CommandDescription?>?> commands, ScriptImage image, bool passed)
    {
        try
        {
            return CatalogIntake.Take(commands(), passed);
        }
        catch (Exception exception) when (exception is not CatalogException)
        {
            throw new CatalogException(ScriptProblemCode.UnusableCatalog, $"commands threw {FailureText.Of(exception).At(FailureText.PlaceOf(exception), image.Name).Message}");
        }
    }

    private static ScriptFunctions Start(ScriptContext context, ScriptImage image)
    {
        using MemoryStream assembly = new(image.Assembly), symbols = new(image.Symbols);
        var code = context.LoadFromStream(assembly, symbols);
        var type = code.GetType(image.TypeName, throwOnError: true)!;
        var factory = type.GetMethod(Factory, BindingFlags.Static | BindingFlags.Public)!.CreateDelegate<Func<object?[], Task<object>>>();

        // By the compiler's convention the first slot is for the host's globals, of which there are none, and the script puts itself into the second.
        var slots = new object?[2];
        factory(slots).GetAwaiter().GetResult();
        return image.ParserName is null ? new ScriptBinder(slots[1]!).Bind() : ParserBinder.Bind(code.GetType(image.ParserName, throwOnError: true)!);
    }
}
