using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Cli;
using Gateway.Tests.Support;

namespace Gateway.Tests.Cli;

/// <summary>A new script is one that works.</summary>
internal sealed partial class NewCommandTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder()
    {
        _folder = new TempFolder();
        _folder.Write("gateway.json", """{"profiles": {}, "routes": [], "api": {"port": 8123}}""");
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase("cellar")]
    [TestCase("cellar.csx")]
    [TestCase("cellar", "--class")]
    public async Task It_compiles_and_passes_its_vectors(params string[] arguments)
    {
        var made = await RunAsync(["new", "script", .. arguments]);
        var tested = await RunAsync("test", "cellar.csx");
        var listed = await RunAsync("format", "cellar.csx", "--list");

        Assert.That((made.Code, made.Error), Is.EqualTo((0, "")));
        Assert.That((tested.Code, tested.Error), Is.EqualTo((0, "")), tested.Output);
        Assert.That(tested.Output, Does.EndWith("vectors: 7, failed: 0\n"));
        Assert.That(listed.Output, Does.Contain("\"command_type\":\"set_interval\""), "the example of a command fits its schema");
        var source = await File.ReadAllTextAsync(_folder.PathOf("scripts/cellar.csx"));
        Assert.That(source, Does.StartWith("// cellar: ").And.Not.Contain("NAME"));
        Assert.That(source.Contains("IDeviceParser", StringComparison.Ordinal), Is.EqualTo(arguments.Contains("--class")));
    }

    [Test]
    public async Task The_next_steps_can_be_pasted()
    {
        var (_, output, _) = await RunAsync("new", "script", "cellar");

        var commands = GatewayLine().Matches(output).Select(match => match.Groups[1].Value).ToArray();
        Assert.That(commands, Has.Length.EqualTo(3), output);
        foreach (var line in commands)
        {
            var (code, _, error) = await RunAsync(ShellWords.Of(line));
            Assert.That((code, error), Is.EqualTo((0, "")), line);
        }

        Assert.That(output, Does.Contain("http://127.0.0.1:8123/api/v1/devices").And.Contain("""{\"device_id\": \"my-device\", \"parser_script_ref\": \"cellar.csx\"}"""));
    }

    [Test]
    public async Task The_lines_for_gateway_json_fit_into_it()
    {
        var (_, output, _) = await RunAsync("new", "script", "cellar");

        var lines = output.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("\"profiles\"", StringComparison.Ordinal) || line.StartsWith("\"routes\"", StringComparison.Ordinal));
        _folder.Write("gateway.json", $"{{{string.Join(',', lines)}}}");
        var (code, checkedOutput, error) = await RunAsync("check");

        Assert.That((code, error), Is.EqualTo((0, "")), checkedOutput);
        Assert.That(checkedOutput, Does.Contain("cellar.csx").And.Contain("passes its vectors (7)"));
    }

    [Test]
    public async Task Another_folder_can_be_named()
    {
        var folder = _folder.PathOf("drafts");

        var (code, output, error) = await RunAsync("new", "script", "cellar", "--folder", folder);

        Assert.That((code, error), Is.EqualTo((0, "")));
        Assert.That(Directory.GetFiles(folder).Select(Path.GetFileName), Is.EquivalentTo(["cellar.csx", "cellar.vectors.json"]));
        Assert.That(output, Does.Contain("First move both files into"));
        Assert.That((await RunAsync(ShellWords.Of(GatewayLine().Match(output).Groups[1].Value))).Code, Is.Zero);
    }

    [TestCase("cellar.csx")]
    [TestCase("cellar.vectors.json")]
    public async Task Nothing_is_written_over(string name)
    {
        var file = _folder.Write($"scripts/{name}", "mine");

        var (code, output, error) = await RunAsync("new", "script", "cellar");

        Assert.That((code, output), Is.EqualTo((1, "")));
        Assert.That(error, Does.Contain(name).And.Contain("is there already").And.Contain("another name"));
        Assert.That(await File.ReadAllTextAsync(file), Is.EqualTo("mine"));
        Assert.That(Directory.GetFiles(_folder.PathOf("scripts")), Has.Length.EqualTo(1));
    }

    [TestCase("../cellar")]
    [TestCase("a/b")]
    [TestCase("C:cellar")]
    [TestCase(".hidden")]
    [TestCase("two words")]
    [TestCase("")]
    public async Task A_bad_name_is_refused_with_the_reason(string name)
    {
        var (code, _, error) = await RunAsync("new", "script", name);

        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.Contain("without a path, of letters, digits, '.', '_' and '-'"));
        Assert.That(Directory.GetFileSystemEntries(_folder.Path), Has.Length.EqualTo(1), "nothing but gateway.json");
    }

    // What stands behind the program, in a line that calls it.
    [GeneratedRegex(@"^  dotnet [^\n]*?Gateway\.dll""? ([^\n]+)$", RegexOptions.Multiline)]
    private static partial Regex GatewayLine();

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using StringWriter output = new(CultureInfo.InvariantCulture), error = new(CultureInfo.InvariantCulture);
        var code = await CommandLine.RunAsync([.. arguments, "--config", _folder.PathOf("gateway.json")], new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString().ReplaceLineEndings("\n"), error.ToString());
    }
}
