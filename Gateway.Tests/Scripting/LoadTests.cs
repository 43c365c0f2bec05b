using Gateway.Scripting;

namespace Gateway.Tests.Scripting;

/// <summary>Scripts that share code by <c>#load</c>.</summary>
internal sealed class LoadTests
{
    private const string Sum = "static int Sum(byte[] bytes) => bytes.Sum(b => (int)b);\n";

    private CatalogFixture _house = null!;

    [SetUp]
    public void SetUp() => _house = new CatalogFixture();

    [TearDown]
    public void TearDown() => _house.Dispose();

    [TestCase("lib/sum.csx")]
    [TestCase("./lib/../lib/sum.csx")]
    [TestCase("lib\\sum.csx")]
    public async Task Code_of_a_loaded_file_is_used(string path)
    {
        Write("lib/sum.csx", Sum);
        Assert.That((await ScriptAsync($"#load \"{path}\"\n{Using("Sum(payload)")}")).Current!.Parse(1, 2, 3).Value[0].Values[0].AsInt64(), Is.EqualTo(6));
    }

    [Test]
    public async Task A_loaded_file_loads_from_its_own_folder_and_circles_do_no_harm()
    {
        Write("lib/sum.csx", $"#load \"deep/more.csx\"\n#load \"../x.csx\"\n#load \"sum.csx\"\n{Sum}");
        Write("lib/deep/more.csx", "#load \"../sum.csx\"\nstatic int More(byte[] bytes) => Sum(bytes) + 1;");

        var script = await ScriptAsync($"#load \"lib/sum.csx\"\n#load \"lib/deep/more.csx\"\n{Using("More(payload)")}");

        Assert.That(script.Current!.Parse(1, 2).Value[0].Values[0].AsInt64(), Is.EqualTo(4));
        Assert.That(script.State.Files.Keys, Is.EquivalentTo(["x.csx", "x.vectors.json", "x.csx.next", "x.vectors.json.next", "lib/sum.csx", "lib/deep/more.csx", _house.Protos.Path]));
    }

    [Test]
    public async Task The_version_is_of_all_files_and_of_a_script_alone_that_of_its_text()
    {
        Write("lib/sum.csx", Sum);
        var text = $"#load \"lib/sum.csx\"\n{Using("Sum(payload)")}";
        var first = (await ScriptAsync(text)).Current!.Version;
        Write("lib/sum.csx", Sum + "// more\n");
        var second = (await _house.RefreshAsync("x.csx")).Current!.Version;
        var alone = (await ScriptAsync(CatalogFixture.Giving(1))).Current!.Version;

        Assert.That(first, Is.Not.EqualTo(second).And.Not.EqualTo(ScriptVersion.Of(text)));
        Assert.That(alone, Is.EqualTo(ScriptVersion.Of(CatalogFixture.Giving(1))));
    }

    [Test]
    public async Task Problems_of_a_loaded_file_name_it_behind_those_of_the_script()
    {
        Write("lib/sum.csx", "\n  int broken = \"x\";\n");

        Assert.That(await ProblemsAsync($"#load \"lib/sum.csx\"\n{Using("1")}\nint other = \"y\";"), Is.EqualTo(
        [
            "scripts/x.csx(5,13): error CS0029: Cannot implicitly convert type 'string' to 'int'",
            "scripts/lib/sum.csx(2,16): error CS0029: Cannot implicitly convert type 'string' to 'int'",
        ]));
    }

    [TestCase("static int Bad() { Span<int> all = stackalloc int[4]; return all[0]; }", "lib/sum.csx(1,36): error GW0030")]
    [TestCase("await System.Threading.Tasks.Task.Yield();", "lib/sum.csx(1,1): error GW0004")]
    [TestCase("#r \"System.Net.Http\"", "lib/sum.csx(1,1): error GW0063")]
    public async Task What_is_refused_in_a_script_is_refused_in_what_it_loads(string line, string problem)
    {
        Write("lib/sum.csx", line);

        Assert.That(await ProblemsAsync($"#load \"lib/sum.csx\"\n{Using("1")}"), Has.Some.StartsWith($"scripts/{problem}"));
    }

    [Test]
    public async Task A_loaded_file_that_would_kill_the_compiler_never_reaches_it()
    {
        Write("lib/sum.csx", $"var a = {new string('(', 100_000)}1;");

        Assert.That(await ProblemsAsync($"#load \"lib/sum.csx\"\n{Using("1")}"), Has.One.StartsWith("scripts/lib/sum.csx(1,209): error GW0006"));
    }

    [Test]
    public async Task A_file_that_is_not_there_is_told_with_the_place_of_the_directive_and_heals_when_it_appears()
    {
        var script = await ScriptAsync($"// first\n#load \"lib/sum.csx\"\n{Using("Sum(payload)")}");
        Assert.That(script.Problems.Select(problem => problem.ToString()), Is.EqualTo(
        [
            $"scripts/x.csx(2,1): error GW0060: #load \"lib/sum.csx\": there is no lib/sum.csx in {_house.Folder.Path}",
        ]));
        Assert.That(script.State.Files, Contains.Key("lib/sum.csx"));

        Write("lib/sum.csx", Sum);
        await _house.RefreshAsync("x.csx");

        Assert.That(script.Problems, Is.Empty);
        Assert.That(script.Current, Is.Not.Null);
    }

    [Test]
    public async Task What_is_only_said_in_comments_is_not_needed()
    {
        Assert.That((await ScriptAsync($"/*\n#load \"nothing.csx\"\n*/\n{Using("1")}")).Problems, Is.Empty);
    }

    [Test]
    public async Task What_stands_behind_an_inactive_if_is_looked_at_as_well_because_the_compiler_does()
    {
        Write("lib/sum.csx", $"var a = {new string('(', 100_000)}1;");

        Assert.That(await ProblemsAsync($"#if OTHER_HOST\n#load \"lib/sum.csx\"\n#endif\n{Using("1")}"), Has.One.StartsWith("scripts/lib/sum.csx(1,209): error GW0006"));
    }

    [TestCase("/etc/passwd")]
    [TestCase("../other/a.csx")]
    [TestCase("lib/../../a.csx")]
    [TestCase("C:\\a.csx")]
    [TestCase("lib/data.txt")]
    public async Task Nothing_outside_of_the_folder_is_loaded(string path)
    {
        Assert.That(await ProblemsAsync($"#load \"{path}\"\n{Using("1")}"), Has.One.StartsWith($"scripts/x.csx(1,1): error GW0061: #load \"{path}\": "));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_link_out_of_the_folder_is_not_followed_and_one_within_is(bool folder)
    {
        Write("../other/sum.csx", Sum);
        Write("real/sum.csx", Sum);
        Link("out", "../other", folder);
        Link("in", "real", folder);

        Assert.That(await ProblemsAsync($"#load \"out/sum.csx\"\n{Using("1")}"), Has.One.Contains("error GW0061: #load \"out/sum.csx\": out/sum.csx is a link that leads out of"));
        Assert.That((await ScriptAsync($"#load \"in/sum.csx\"\n{Using("Sum(payload)")}")).Problems, Is.Empty);
    }

    [Test]
    public async Task Links_that_go_round_in_a_circle_are_a_problem()
    {
        Directory.CreateDirectory(_house.FileOf("lib"));
        File.CreateSymbolicLink(_house.FileOf("lib/a.csx"), "b.csx");
        File.CreateSymbolicLink(_house.FileOf("lib/b.csx"), "a.csx");

        Assert.That(await ProblemsAsync($"#load \"lib/a.csx\"\n{Using("1")}"), Has.One.StartsWith("scripts/x.csx(1,1): error GW0060: #load \"lib/a.csx\": lib/a.csx can't be read: "));
    }

    [Test]
    public async Task So_many_files_are_loaded_and_no_more()
    {
        var names = Enumerable.Range(1, LoadReader.MostFiles + 1).Select(number => $"lib/f{number}.csx").ToArray();
        Array.ForEach(names, name => Write(name, "// nothing\n"));

        Assert.That((await ScriptAsync(Loading(names[1..]))).Problems, Is.Empty);
        Assert.That(await ProblemsAsync(Loading(names)), Has.One.StartsWith("scripts/x.csx(51,1): error GW0062: #load \"lib/f51.csx\": the script loads more than the 50 files"));
    }

    [Test]
    public async Task So_long_files_are_loaded_and_no_longer()
    {
        string[] names = ["lib/a.csx", "lib/b.csx", "lib/c.csx"];
        Array.ForEach(names, name => Write(name, $"//{new string('x', 800_000)}\n"));

        Assert.That(await ProblemsAsync(Loading(names)), Has.One.Contains("(3,1): error GW0062: #load \"lib/c.csx\": with lib/c.csx the script loads more than the 2097152 characters"));
    }

    [Test]
    public async Task A_fault_in_a_loaded_file_is_told_with_its_line()
    {
        Write("lib/sum.csx", "static int Fail(byte[] bytes)\n{\n    if (bytes.Length > 0) { while (true) { } }\n    return int.Parse(\"x\");\n}\n");
        var script = (await ScriptAsync($"#load \"lib/sum.csx\"\n{Using("Fail(payload)")}")).Current!;

        Assert.That(script.Parse().Failure?.Message, Does.EndWith(" (scripts/lib/sum.csx:4)"));
        Assert.That(script.Parse(1).Failure?.Message, Does.Contain("time limit").And.EndWith(" (scripts/lib/sum.csx:3)"));
    }

    [Test]
    public async Task Top_level_code_of_a_loaded_file_that_throws_is_told_with_its_line()
    {
        Write("lib/sum.csx", "int zero = 0;\nint broken = 1 / zero;\n");

        Assert.That(await ProblemsAsync($"#load \"lib/sum.csx\"\n{Using("1")}"), Has.One.StartsWith("scripts/lib/sum.csx(2,1): error GW0008"));
    }

    [TestCase("Google.Protobuf.dll")]
    [TestCase("../Gateway/bin/Release/net10.0/Gateway.dll")]
    [TestCase("..\\Gateway\\bin\\gateway.DLL")]
    [TestCase("System.Text.Json")]
    public void References_that_an_editor_needs_are_known(string reference)
    {
        Assert.That(Scripts.Compile($"#r \"{reference}\"\n{Scripts.NoReadings}{Scripts.NoCommands}").Parse().Value, Is.Empty);
    }

    private static string Using(string expression) => $"Reading[] parse(byte[] payload, DeviceConfig config) => [new(\"A\", {expression})];\n{Scripts.NoCommands}";

    private static string Loading(IEnumerable<string> names) => string.Concat(names.Select(name => $"#load \"{name}\"\n")) + Using("1");

    private void Link(string name, string target, bool folder)
    {
        if (folder)
        {
            Directory.CreateSymbolicLink(_house.FileOf(name), target);
            return;
        }

        Directory.CreateDirectory(_house.FileOf(name));
        File.CreateSymbolicLink(_house.FileOf($"{name}/sum.csx"), $"../{target}/sum.csx");
    }

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_house.FileOf(name))!);
        _house.Write(name, text);
    }

    private async Task<CatalogScript> ScriptAsync(string text)
    {
        _house.Write("x.csx", text);
        return await _house.RefreshAsync("x.csx");
    }

    private async Task<string[]> ProblemsAsync(string text) => [.. (await ScriptAsync(text)).Problems.Select(problem => problem.ToString())];
}
