using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Cli;
using Gateway.Scripting;
using Gateway.Tests.Support;

namespace Gateway.Tests.Scripting;

/// <summary>What scripts/README.md shows works, as it stands there.</summary>
internal sealed partial class HandbookTests
{
    private const string Script = "csharp";
    private const string Vectors = "json vectors";

    private static readonly string Handbook = File.ReadAllText(Repository.PathOf("scripts", "README.md")).ReplaceLineEndings("\n");

    private static readonly Block[] Blocks = [.. Fence().Matches(Handbook).Select(BlockOf)];

    private static IEnumerable<TestCaseData> Recipes() =>
        from block in Blocks
        where block is { Language: Script, File: null }
        select new TestCaseData(block).SetArgDisplayNames(block.Heading);

    [TestCaseSource(nameof(Recipes))]
    public void A_script_compiles_and_passes_the_vectors_below_it(object recipe)
    {
        var script = (Block)recipe;
        var vectors = Blocks.SkipWhile(block => block != script).ElementAtOrDefault(1);
        Assert.That(vectors?.Language, Is.EqualTo(Vectors), $"the script in line {script.Line} has no vectors below it");
        using var folder = new TempFolder();
        foreach (var beside in Blocks.Where(block => block.File is not null))
        {
            folder.Write(beside.Language == "proto" ? beside.File! : Path.Combine("scripts", beside.File!), beside.Text);
        }

        folder.Write("scripts/recipe.csx", script.Text);
        folder.Write("scripts/recipe.vectors.json", vectors!.Text);

        var report = VectorReport.Of(folder.PathOf("scripts/recipe.csx"), new ScriptSettings { Path = folder.PathOf("scripts"), ProtosPath = folder.PathOf("protos"), CachePath = null });

        Assert.That(report.Problems.Select(problem => problem.ToString()), Is.Empty, $"line {script.Line}");
        Assert.That(report.Failed.Select(result => $"{result.Vector.Name}: {string.Join("; ", result.Differences)}"), Is.Empty, $"line {vectors.Line}");
        Assert.That(report.Results, Is.Not.Empty);
    }

    [Test]
    public void Every_block_is_of_a_kind_that_is_tested()
    {
        // The one without a kind says what "gateway" stands for.
        var kinds = Blocks.Select(block => block.File is null ? block.Language : $"{block.Language} file").Distinct();

        Assert.That(kinds, Is.EquivalentTo([Script, Vectors, "sh", "curl", "", "proto file", $"{Script} file"]));
        Assert.That(Blocks.Count(block => block.Language == Vectors), Is.EqualTo(Recipes().Count()));
        Assert.That(Blocks.Single(block => block.Language == "").Text.Trim(), Does.StartWith("dotnet run --project Gateway "));
    }

    [Test]
    public async Task The_commands_work_one_after_the_other()
    {
        using var folder = new TempFolder();
        var configuration = folder.Write("gateway.json", """{"profiles": {}, "routes": []}""");
        foreach (var line in Blocks.Where(block => block.Language == "sh").SelectMany(block => block.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)))
        {
            Assert.That(line, Does.StartWith("gateway "));
            using StringWriter output = new(CultureInfo.InvariantCulture), error = new(CultureInfo.InvariantCulture);
            var code = await CommandLine.RunAsync([.. ShellWords.Of(line).Skip(1), "--config", configuration], new InvocationConfiguration { Output = output, Error = error });
            Assert.That((code, error.ToString()), Is.EqualTo((0, "")), line);
        }
    }

    [Test]
    public void The_calls_are_those_of_the_management_API()
    {
        var paths = JsonNode.Parse(File.ReadAllText(Repository.PathOf("Gateway.Tests", "Contracts", "openapi.approved.json")))!["paths"]!.AsObject();
        var known = paths.SelectMany(path => path.Value!.AsObject().Select(method => $"{method.Key} {path.Key}")).ToArray();
        foreach (var line in Blocks.Where(block => block.Language == "curl").SelectMany(block => block.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)))
        {
            var call = Regex.Match(line, @"^curl -s (-X (?<method>[A-Z]+) )?http://127\.0\.0\.1:8080(?<path>/\S+)$");
            Assert.That(call.Success, line);
            var method = call.Groups["method"] is { Success: true } named ? named.Value.ToLowerInvariant() : "get";
            var path = call.Groups["path"].Value.Replace("efento.csx", "{name}", StringComparison.Ordinal).Replace("0123456789ab", "{version}", StringComparison.Ordinal);
            Assert.That(known, Has.Member($"{method} {path}"));
        }
    }

    [Test]
    public void Every_code_has_its_remedy_and_every_remedy_its_code()
    {
        var codes = typeof(ScriptProblemCode).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);
        var remedies = Remedy().Matches(Handbook).Select(match => match.Groups[1].Value);

        Assert.That(remedies, Is.EqualTo(codes.Order(StringComparer.Ordinal)), "in the order of their numbers");
    }

    [Test]
    public void Every_function_and_helper_is_told()
    {
        var functions = ScriptFunction.All.Select(function => $"| `{function.Signature}` |");

        Assert.That(functions.Where(signature => !Handbook.Contains(signature, StringComparison.Ordinal)), Is.Empty);
        Assert.That(
            ScriptReferences.Usings.Where(space => !space.StartsWith("Gateway.", StringComparison.Ordinal) && !Handbook.Contains($"`{space}`", StringComparison.Ordinal)), Is.Empty);
    }

    private static Block BlockOf(Match match)
    {
        var info = match.Groups[1].Value;
        var before = Handbook[..match.Index];
        var heading = before[(before.LastIndexOf("\n#", StringComparison.Ordinal) + 1)..].Split('\n')[0].TrimStart('#', ' ');
        var file = info == Vectors || !info.Contains(' ', StringComparison.Ordinal) ? null : info[(info.IndexOf(' ', StringComparison.Ordinal) + 1)..];
        return new(file is null ? info : info.Split(' ')[0], file, match.Groups[2].Value, before.Count(character => character == '\n') + 1, heading);
    }

    [GeneratedRegex(@"^```([^\n]*)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^\| (GW\d{4}) \| \S", RegexOptions.Multiline)]
    private static partial Regex Remedy();

    /// <summary>A fenced block.</summary>
    private sealed record Block(string Language, string? File, string Text, int Line, string Heading);
}
