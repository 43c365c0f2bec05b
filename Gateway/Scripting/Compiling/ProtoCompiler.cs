using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Gateway.Scripting;

/// <summary><c>.proto</c> files to an assembly with their message types: protoc makes C# of them, and the compiler does the rest.</summary>
internal static class ProtoCompiler
{
    private const int NameDigits = 12;

    private static readonly CSharpParseOptions Syntax = new(LanguageVersion.Latest, DocumentationMode.None);

    // The code is the gateway's own kind, made by a tool: no line of it is ever shown.
    private static readonly CSharpCompilationOptions Options = new(
        OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, concurrentBuild: false, deterministic: true);

    /// <summary>Compiles them, or takes what was kept. Takes 100 ms, and blocks.</summary>
    public static (ScriptLibrary? Library, IReadOnlyList<ScriptProblem> Problems) Compile(ProtoSet set, ImageCache? cache, Protoc protoc)
    {
        if (set.Problem is { } problem)
        {
            return (null, [problem]);
        }

        var key = protoc.Identity is { } identity ? cache?.KeyOf(set, identity) : null;
        if (key is not null && cache!.Find(key) is { } kept)
        {
            return (new ScriptLibrary(kept.Name, kept.Assembly), []);
        }

        var (sources, problems) = protoc.Run(set);
        if (problems.Count > 0)
        {
            return (null, problems);
        }

        var compiled = Compile(set, sources);
        if (key is not null && compiled.Library is { } library)
        {
            cache!.Keep(key, new ScriptImage(library.Name, set.Hash, "", library.Assembly, []));
        }

        return compiled;
    }

    private static (ScriptLibrary? Library, IReadOnlyList<ScriptProblem> Problems) Compile(ProtoSet set, IReadOnlyList<string> sources)
    {
        var name = ScriptLibrary.Prefix + set.Hash[..NameDigits];
        using var assembly = new MemoryStream();
        var emitted = CSharpCompilation.Create(name, sources.Select(source => CSharpSyntaxTree.ParseText(source, Syntax)), ScriptReferences.All, Options).Emit(assembly);
        return emitted.Success
            ? (new ScriptLibrary(name, assembly.ToArray()), [])
            : (null, [.. emitted.Diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error).Take(1).Select(found => ScriptProblem.OfFile(
                set.Display(set.Files.Keys.First()), ScriptProblemCode.ProtocFailed,
                $"the C# that protoc made of this and the files that go with it does not compile: {found.GetMessage(CultureInfo.InvariantCulture)}"))]);
    }
}
