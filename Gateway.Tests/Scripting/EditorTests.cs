using System.Diagnostics;
using System.Xml.Linq;
using Gateway.Scripting;
using Gateway.Tests.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Scripting;

namespace Gateway.Tests.Scripting;

/// <summary>The files beside the scripts that tell editors what the gateway gives to scripts. The gateway is where a published one is: a folder above.</summary>
internal sealed class EditorTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void Publish()
    {
        _folder = new TempFolder();
        Directory.CreateDirectory(_folder.PathOf("scripts/lib"));
        string[] files = [.. Directory.EnumerateFiles(Repository.PathOf("scripts")), .. Directory.EnumerateFiles(Repository.PathOf("scripts", "lib"))];
        foreach (var file in files)
        {
            File.Copy(file, _folder.PathOf(Path.GetRelativePath(Repository.Root, file)));
        }

        foreach (var library in new[] { "Gateway.dll", "Google.Protobuf.dll" })
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, library), _folder.PathOf(library));
        }
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void Both_name_the_namespaces_that_the_gateway_gives()
    {
        var project = XDocument.Load(_folder.PathOf("scripts/Scripts.csproj")).Descendants("Using")
            .Where(item => item.Attribute("Include") is not null).SelectMany(item => item.Attribute("Include")!.Value.Split(';'));

        Assert.That(project, Is.EqualTo(ScriptReferences.Usings));
        Assert.That(ResponseFile().CompilationOptions.Usings, Is.EqualTo(ScriptReferences.Usings));
    }

    // As OmniSharp does it: the platform's libraries, and what the response file adds to them.
    [TestCase("efento.csx")]
    [TestCase("json.csx")]
    public void With_the_response_file_a_script_has_no_errors(string script)
    {
        var arguments = ResponseFile();
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => Path.GetFileName(file).StartsWith("System.", StringComparison.Ordinal)).Select(file => MetadataReference.CreateFromFile(file));
        var libraries = arguments.ResolveMetadataReferences(ScriptMetadataResolver.Default.WithBaseDirectory(_folder.PathOf("scripts")))
            .Where(reference => reference is not UnresolvedMetadataReference).ToArray();
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, usings: arguments.CompilationOptions.Usings);
        var tree = CSharpSyntaxTree.ParseText(File.ReadAllText(_folder.PathOf($"scripts/{script}")), arguments.ParseOptions.WithLanguageVersion(LanguageVersion.Latest));

        var compilation = CSharpCompilation.CreateScriptCompilation("script", tree, [.. platform, .. libraries], options);

        Assert.That(libraries, Has.Length.EqualTo(2));
        Assert.That(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error), Is.Empty);
    }

    [Test]
    public async Task The_project_compiles_the_scripts_and_shows_errors_where_they_are()
    {
        _folder.Write("scripts/lib/total.csx", "using System.Formats.Cbor;\nstatic long Total(CborReader reader) => reader.ReadInt64();");
        _folder.Write("scripts/own.csx", "#r \"../Gateway.dll\"\n#load \"lib/total.csx\"\nstatic long Twice(byte[] payload) => 2 * Total(new(payload));");
        var good = await BuildAsync();
        _folder.Write("scripts/lib/total.csx", "static long Total(byte[] payload) =>\n    \"none\";");
        var broken = await BuildAsync();

        Assert.That(good.Code, Is.Zero, good.Output);
        Assert.That(broken.Code, Is.Not.Zero);
        Assert.That(broken.Output, Does.Contain($"{_folder.PathOf("scripts/lib/total.csx")}(2,5): error CS0029"));
        Assert.That(broken.Output, Does.Contain($"{_folder.PathOf("scripts/own.csx")}(3,48): error CS"));
    }

    private CSharpCommandLineArguments ResponseFile() => CSharpCommandLineParser.Script.Parse(
        [$"@{_folder.PathOf("scripts/editor.rsp")}"], _folder.PathOf("scripts"), sdkDirectory: null);

    private async Task<(int Code, string Output)> BuildAsync()
    {
        var start = new ProcessStartInfo("dotnet", ["build", "--nologo", "-v", "q", "-nodeReuse:false"]) { WorkingDirectory = _folder.PathOf("scripts"), RedirectStandardOutput = true };

        // The tests' own build must not decide how this one is done.
        foreach (var variable in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(variable);
        }

        using var build = Process.Start(start)!;
        var output = await build.StandardOutput.ReadToEndAsync();
        await build.WaitForExitAsync();
        return (build.ExitCode, output);
    }
}
