using System.CommandLine;
using System.Globalization;
using Gateway.Cli;
using Gateway.Tests.Scripting;
using Gateway.Tests.Support;

namespace Gateway.Tests.Cli;

/// <summary>On the command line a script is read with all that it loads, as the gateway reads it.</summary>
internal sealed class LoadedScriptTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder()
    {
        _folder = new TempFolder();
        _folder.Write("gateway.json", """{"profiles": {"x": {"script": "x.csx"}}, "routes": []}""");
        _folder.Write("scripts/lib/number.csx", "const int Number = 42;");
        _folder.Write("scripts/x.csx", $"#load \"lib/number.csx\"\n{CatalogFixture.Giving(0).Replace("0", "Number", StringComparison.Ordinal)}");
        _folder.Write("scripts/x.vectors.json", """[{"name": "one", "payload": "", "expect": [{"values": [42]}]}]""");
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCase("x.csx")]
    [TestCase(null)]
    public async Task Parse_and_test_load(string? name)
    {
        var script = name ?? _folder.PathOf("scripts/x.csx");
        var parsed = await RunAsync("parse", script, "--hex", "");
        var tested = await RunAsync("test", script);

        Assert.That((parsed.Code, tested.Code), Is.EqualTo((0, 0)), parsed.Error + tested.Error);
        Assert.That(parsed.Output, Does.Contain("[42]"));
    }

    [Test]
    public async Task Check_takes_what_lies_in_folders_below_for_no_scripts_of_their_own()
    {
        var (code, output, error) = await RunAsync("check");

        Assert.That((code, error), Is.EqualTo((0, "")), output);
        Assert.That(output, Does.Not.Contain("number.csx"));
    }

    [Test]
    public async Task Protos_beside_the_configuration_are_used_and_what_is_wrong_with_them_is_told()
    {
        _folder.Write("scripts/lib/number.csx", "static int Number => new Acme.Door { Size = 42 }.Size;");
        _folder.Write("protos/door.proto", "syntax = \"proto3\";\npackage acme;\nmessage Door { int32 size = 1; }");
        var good = await RunAsync("check");
        _folder.Write("protos/door.proto", "syntax = \"proto3\";\npackage acme;\nmessage Door { int32 size = ; }");
        var broken = await RunAsync("check");

        Assert.That((good.Code, good.Error, broken.Code), Is.EqualTo((0, "", 1)));
        Assert.That(broken.Error, Does.StartWith("protos/door.proto(3,29): error GW0070: "));
    }

    [Test]
    public async Task Check_tells_of_a_fault_in_a_loaded_file_once()
    {
        File.Copy(_folder.PathOf("scripts/x.csx"), _folder.PathOf("scripts/y.csx"));
        var file = _folder.Write("scripts/lib/number.csx", "const int Number = ;");

        var (code, _, error) = await RunAsync("check");

        Assert.That(code, Is.EqualTo(1));
        var place = $"{ScriptFiles.DisplayName(file)}(1,20): error CS1525";
        Assert.That(error.Split('\n').Count(line => line.StartsWith(place, StringComparison.Ordinal)), Is.EqualTo(1), error);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using StringWriter output = new(CultureInfo.InvariantCulture), error = new(CultureInfo.InvariantCulture);
        var code = await CommandLine.RunAsync([.. arguments, "--config", _folder.PathOf("gateway.json")], new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString().ReplaceLineEndings("\n"), error.ToString());
    }
}
