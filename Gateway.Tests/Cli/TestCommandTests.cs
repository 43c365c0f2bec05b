using System.CommandLine;
using System.Globalization;
using Gateway.Cli;
using Gateway.Tests.Scripting;
using Gateway.Tests.Support;

namespace Gateway.Tests.Cli;

/// <summary>The vectors on the command line.</summary>
internal sealed class TestCommandTests
{
    private static readonly string Shipped = Repository.PathOf("gateway.json");

    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder()
    {
        _folder = new TempFolder();
        _folder.Write("gateway.json", """{"profiles": {"x": {"script": "x.csx"}}, "routes": []}""");
        _folder.Write("scripts/x.csx", CatalogFixture.Giving(1));
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task The_shipped_scripts_pass_their_vectors()
    {
        var (code, output, error) = await RunAsync("test", "--config", Shipped);

        Assert.That((code, error), Is.EqualTo((0, "")), output);
        Assert.That(output, Does.Contain("  ok    every member is a reading\n").And.Contain("  ok    temperature and humidity of a real sensor\n"));
        Assert.That(output, Does.Match("vectors: [0-9]{3}, failed: 0\n$"));
    }

    [Test]
    public async Task A_failure_shows_the_difference()
    {
        WriteVectors("""[{"name": "one", "payload": "", "expect": [{"values": [1]}]},""", """{"name": "two", "payload": "", "expect": [{"values": [2], "unit": "Cel"}]}]""");

        var (code, output, _) = await RunAsync("test", "x.csx");

        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.EndWith($"""
              ok    one
              FAIL  two ({Vectors}:2)
                      reading 1: values
                        expected  [2]
                        got       [1]
                      reading 1: unit
                        expected  "Cel"
                        got       null
            vectors: 2, failed: 1
            Mend the script, or the vector when the change is meant. Until then the gateway goes on with the last version that passes.

            """.ReplaceLineEndings("\n")));
    }

    [Test]
    public async Task A_script_can_be_named_by_its_path()
    {
        WriteVectors("""[{"name": "one", "payload": "", "expect": [{}]}]""");

        var (code, output, _) = await RunAsync("test", _folder.PathOf("scripts/x.csx"));

        Assert.That((code, output), Is.EqualTo((0, output)));
        Assert.That(output, Does.EndWith("x.csx\n  ok    one\nvectors: 1, failed: 0\n"));
    }

    [Test]
    public async Task A_script_without_vectors_passes_among_others_but_not_when_it_is_named()
    {
        var all = await RunAsync("test");
        var named = await RunAsync("test", "x.csx");

        Assert.That((all.Code, named.Code), Is.EqualTo((0, 1)));
        Assert.That(all.Output, Does.EndWith("x.csx: no vectors\nvectors: 0, failed: 0\n"));
        Assert.That(named.Error, Does.StartWith("there is nothing to test in ").And.Contain("x.vectors.json"));
    }

    [Test]
    public async Task What_can_not_be_run_is_told_with_its_place()
    {
        WriteVectors("[", "{}]");
        _folder.Write("scripts/y.csx", "int broken = ;");

        var (code, _, error) = await RunAsync("test");

        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain($"{Vectors}(2,1): error GW0020").And.Contain("y.csx(1,14): error CS1525"));
    }

    [Test]
    public async Task A_script_or_folder_that_is_not_there_is_told()
    {
        var script = await RunAsync("test", "missing.csx");
        Directory.Delete(_folder.PathOf("scripts"), recursive: true);
        var folder = await RunAsync("test");

        Assert.That((script.Code, folder.Code), Is.EqualTo((1, 1)));
        Assert.That(script.Error, Does.Contain("there is no script missing.csx"));
        Assert.That(folder.Error, Does.Contain("does not exist"));
    }

    [Test]
    public async Task Check_runs_the_vectors_as_well()
    {
        WriteVectors("""[{"name": "two", "payload": "", "expect": [{"values": [2]}]}]""");
        var failing = await RunAsync("check");
        WriteVectors("""[{"name": "one", "payload": "", "expect": [{"values": [1]}]}]""");
        var passing = await RunAsync("check");

        Assert.That((failing.Code, passing.Code), Is.EqualTo((1, 0)), passing.Error);
        Assert.That(failing.Error, Does.Contain($"{Vectors}(1,2): error GW0021: the script fails the vector \"two\": reading 1: values: expected [2], got [1]"));
        Assert.That(failing.Output, Does.Contain("fails its vectors"));
        Assert.That(passing.Output, Does.Contain("passes its vectors (1)"));
    }

    private string Vectors => ScriptFiles.DisplayName(_folder.PathOf("scripts/x.vectors.json"));

    private void WriteVectors(params string[] lines) => _folder.Write("scripts/x.vectors.json", string.Join('\n', lines));

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        string[] all = arguments.Contains("--config") ? arguments : [.. arguments, "--config", _folder.PathOf("gateway.json")];
        using StringWriter output = new(CultureInfo.InvariantCulture), error = new(CultureInfo.InvariantCulture);
        var code = await CommandLine.RunAsync(all, new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString().ReplaceLineEndings("\n"), error.ToString());
    }
}
