using System.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Mono.Cecil;

namespace Gateway.Scripting;

/// <summary>
/// C# script source to a loaded script. The scripting package's own way of running scripts never unloads them,
/// so the compilation is emitted here and loaded by <see cref="ScriptLoader"/> into a context of its own.
/// </summary>
internal static class ScriptCompiler
{
    // Debug: every statement keeps its line. The runtime optimizes the code all the same, and a twin finds the lines of faults: see JitOptimization.
    // One thread only: the compiler's helpers would run on pool threads, whose stacks are too small for SourceLimits.
    private static readonly CSharpCompilationOptions Options = new(
        OutputKind.DynamicallyLinkedLibrary,
        usings: ScriptReferences.Usings,
        optimizationLevel: OptimizationLevel.Debug,
        nullableContextOptions: NullableContextOptions.Annotations,
        concurrentBuild: false,
        deterministic: true,
        metadataReferenceResolver: HostReferences.Instance);

    private const int MostFrames = 6;

    private static readonly EmitOptions Emission = new(debugInformationFormat: DebugInformationFormat.PortablePdb);

    /// <summary>Compiles and loads a script. Takes from 50 ms to two seconds, and blocks: don't call it where packets wait.</summary>
    /// <param name="source">The script. Its name is what problems, stack traces and logs show.</param>
    /// <param name="limits">What a call may take.</param>
    public static ScriptBuild Compile(ScriptSource source, ScriptLimits limits)
    {
        var (image, problems) = Translate(source);
        return image is null ? new ScriptBuild(problems) : ScriptLoader.Load(image, limits);
    }

    /// <summary>The same without loading it.</summary>
    /// <param name="source">The script.</param>
    /// <param name="cache">Where the types of its <c>.proto</c> files may be kept, or null.</param>
    /// <param name="protoc">What compiles these files; null for the one beside the gateway.</param>
    public static Translation Translate(ScriptSource source, ImageCache? cache = null, Protoc? protoc = null) =>
        OnDeepStack(() => TranslateNow(source, cache, protoc ?? Protoc.BesideGateway), source.Name);

    private static Translation TranslateNow(ScriptSource source, ImageCache? cache, Protoc protoc)
    {
        var (tree, problems) = SourceTrees.Parse(source);
        if (tree is null)
        {
            return new Translation(null, problems);
        }

        if (source.Protos is not { } protos)
        {
            return Emit(tree, source, null);
        }

        var (library, invalid) = ProtoCompiler.Compile(protos, cache, protoc);
        return library is null ? new Translation(null, invalid) : Emit(tree, source, library);
    }

    private static Translation Emit(SyntaxTree tree, ScriptSource source, ScriptLibrary? library)
    {
        var (name, version) = (source.Name, source.Version);
        var compilation = CSharpCompilation.CreateScriptCompilation(
            $"{Path.GetFileNameWithoutExtension(name)}-{version}", tree, library is null ? ScriptReferences.All : ReplacedTypes.References(library), Options.WithSourceReferenceResolver(new LoadResolver(source)));
        using MemoryStream assembly = new(), symbols = new();
        var emitted = compilation.Emit(assembly, symbols, options: Emission);
        var script = compilation.ScriptClass!;

        if (!emitted.Success)
        {
            return new Translation(null, SourcePlace.Errors(emitted.Diagnostics, name));
        }

        // Functions are checked only in a script that compiles: a missing brace hides them all.
        var image = Image(source, script, assembly.ToArray(), symbols.ToArray()) with { Library = library };
        using var module = ImageModule.Read(image);
        var policy = source.Trusted ? null : new SourcePolicy(compilation.Assembly, ImagePolicy.DoubtfulNames(module));
        ScriptProblem[] problems = [.. FunctionCheck.Problems(script, name), .. SourceCheck.Problems(compilation, policy)];
        return problems.Length > 0 ? new Translation(null, problems)
            : !source.Trusted && ImagePolicy.Problems(module, name) is { Count: > 0 } hidden ? new Translation(null, hidden)
            : new Translation(Weave(module, image), []);
    }

    private static ScriptImage Weave(ModuleDefinition module, ScriptImage image)
    {
        GuardWeaver.Weave(module);
        return module.Write(image);
    }

    private static ScriptImage Image(ScriptSource source, INamedTypeSymbol script, byte[] assembly, byte[] symbols)
    {
        var parser = ParserClass.Of(script);
        return new ScriptImage(source.Name, source.Version, script.MetadataName, assembly, symbols)
        {
            ParserName = parser is null ? null : ParserClass.MetadataName(parser),
            CommandsAt = FunctionCheck.PlaceOfCommands(script, parser),
        };
    }

    // The caller's stack may be as small as its thread's owner liked. An exception must not end the process with the thread.
    private static Translation OnDeepStack(Func<Translation> work, string name)
    {
        Translation result = default;
        var thread = new Thread(Work, SourceLimits.StackSize) { IsBackground = true, Name = "Script compiler" };
        thread.Start();
        thread.Join();
        return result;

        void Work()
        {
            try
            {
                result = work();
            }
            catch (Exception exception)
            {
                result = new Translation(null, [ScriptProblem.OfFile(name, ScriptProblemCode.CompilerFailed, Tell(exception))]);
            }
        }
    }

    // A fault of the compiler's, or ours: where it was is all that a report of it can go by.
    private static string Tell(Exception exception)
    {
        var places = from frame in new StackTrace(exception).GetFrames().Take(MostFrames)
                     let method = DiagnosticMethodInfo.Create(frame)
                     where method is not null
                     select $"{method.DeclaringTypeName}.{method.Name}";
        return $"the compiler failed with {exception.GetType().Name}: {exception.Message} It was in {string.Join(" < ", places)}";
    }
}
