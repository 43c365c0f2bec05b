using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace Gateway.Scripting;

/// <summary>
/// C# script source to a loaded script. The scripting package's own way of running scripts never unloads them,
/// so the compilation is emitted here and loaded by <see cref="ScriptLoader"/> into a context of its own.
/// </summary>
internal static class ScriptCompiler
{
    // Comments are not parsed as documentation: nothing reads it, and its XML is one more thing to nest.
    private static readonly CSharpParseOptions Syntax = new(LanguageVersion.Latest, DocumentationMode.None, SourceCodeKind.Script);

    // Debug: in optimized code the runtime blames a method's first line for whatever an inlined call throws (dotnet/coreclr#19807),
    // such as a read past the payload's end, and a wrong line is worse than the third that a script's own code gets slower.
    // One thread only: the compiler's helpers would run on pool threads, whose stacks are too small for SourceLimits.
    private static readonly CSharpCompilationOptions Options = new(
        OutputKind.DynamicallyLinkedLibrary,
        usings: ScriptReferences.Usings,
        optimizationLevel: OptimizationLevel.Debug,
        nullableContextOptions: NullableContextOptions.Annotations,
        concurrentBuild: false,
        deterministic: true);

    private static readonly EmitOptions Emission = new(debugInformationFormat: DebugInformationFormat.PortablePdb);

    /// <summary>Compiles and loads a script. Takes from 50 ms to two seconds, and blocks: don't call it where packets wait.</summary>
    /// <param name="source">The script. Its name is what problems, stack traces and logs show.</param>
    /// <param name="limits">What a call may take.</param>
    public static ScriptBuild Compile(ScriptSource source, ScriptLimits limits)
    {
        var (image, problems) = OnDeepStack(() => Translate(source), source.Name);
        return image is null ? new ScriptBuild(problems) : ScriptLoader.Load(image, limits);
    }

    private readonly record struct Translation(ScriptImage? Image, IReadOnlyList<ScriptProblem> Problems)
    {
        public static implicit operator Translation(ScriptProblem problem) => new(null, [problem]);
    }

    private static Translation Translate(ScriptSource script)
    {
        var (name, source) = (script.Name, script.Text);
        if (SourceLimits.CheckText(source, name) is { } unfitText)
        {
            return unfitText;
        }

        if (SourceLimits.CheckTokens(source, Syntax, name) is { } unfitTokens)
        {
            return unfitTokens;
        }

        // The PDB needs the encoding to name the file.
        var tree = CSharpSyntaxTree.ParseText(SourceText.From(source, Encoding.UTF8), Syntax, name);
        if (SourceLimits.CheckTree(tree, source, name) is { } unfitTree)
        {
            return unfitTree;
        }

        return SyntaxCheck.Problem(tree.GetCompilationUnitRoot(), name) is { } refused ? refused : Emit(tree, script);
    }

    private static Translation Emit(SyntaxTree tree, ScriptSource source)
    {
        var (name, version) = (source.Name, source.Version);
        var compilation = CSharpCompilation.CreateScriptCompilation(
            $"{Path.GetFileNameWithoutExtension(name)}-{version}", tree, ScriptReferences.All, Options);
        using MemoryStream assembly = new(), symbols = new();
        var emitted = compilation.Emit(assembly, symbols, options: Emission);
        var script = compilation.ScriptClass!;

        // Functions are checked only in a script that compiles: a missing brace hides them all.
        ImmutableArray<ScriptProblem> problems = emitted.Success
            ? [.. FunctionCheck.Problems(script, name), .. KillerCheck.Problems(compilation, name)]
            : [.. SourcePlace.Errors(emitted.Diagnostics, name)];
        return problems.IsEmpty
            ? new Translation(GuardWeaver.Weave(Image(source, script, assembly.ToArray(), symbols.ToArray())), [])
            : new Translation(null, problems);
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
                result = ScriptProblem.OfFile(name, ScriptProblemCode.CompilerFailed, $"the compiler failed with {exception.GetType().Name}: {exception.Message}");
            }
        }
    }
}
