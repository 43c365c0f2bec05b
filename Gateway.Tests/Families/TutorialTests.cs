using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Cli;
using Gateway.Tests.Support;

namespace Gateway.Tests.Families;

/// <summary>Does what docs/writing-a-parser.md says, to the letter: writes its files, runs its commands, and compares what they print.</summary>
internal sealed partial class TutorialTests
{
    private const string Anything = "…";

    private static readonly string Page = File.ReadAllText(Repository.PathOf("docs", "writing-a-parser.md")).ReplaceLineEndings("\n");

    private TempFolder _folder = null!;
    private GatewayUnderTest? _gateway;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public async Task StopAsync()
    {
        await (_gateway?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }

    [Test]
    public async Task The_parser_is_written_by_following_the_page()
    {
        var printed = "";
        var ran = 0;
        foreach (var (kind, text, line) in Blocks())
        {
            switch (kind.Split(' '))
            {
                case ["sh", "start"]:
                    _gateway = await GatewayUnderTest.StartAsync(_folder);
                    break;
                case ["sh", .. var rest]:
                    printed = await RunAsync(text, fails: rest is ["fails"], line);
                    ran++;
                    break;
                case ["output"]:
                    Assert.That(printed, Does.Match(PatternOf(text)), $"line {line}");
                    break;
                case ["csharp", var file, "instead", "of", var function]:
                    Replace(file, $@"^byte\[\]\? {function}\(.*\n", text, line);
                    break;
                case ["json", var file, "added"]:
                    Replace(file, @"\n\]\n$", $",\n{text}]\n", line);
                    break;
                case ["csharp" or "json", var file]:
                    _folder.Write(file, text);
                    break;
                case [""]:
                    break;
                default:
                    Assert.Fail($"line {line}: nobody knows what to do with a block of kind \"{kind}\"");
                    break;
            }
        }

        Assert.That(ran, Is.EqualTo(9));
        Assert.That(await _gateway!.StateOfAsync("first"), Is.EqualTo("applied"));
    }

    private static IEnumerable<(string Kind, string Text, int Line)> Blocks() =>
        Fence().Matches(Page).Select(match => (match.Groups[1].Value, match.Groups[2].Value, Page[..match.Index].Count(character => character == '\n') + 1));

    private async Task<string> RunAsync(string lines, bool fails, int at)
    {
        using var printed = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = ShellWords.Of(line);
            if (words[0] == "curl")
            {
                await printed.WriteLineAsync(await CurlAsync(words));
                continue;
            }

            Assert.That(words[0], Is.EqualTo("gateway"), $"line {at}");
            var code = await CommandLine.RunAsync([.. Arguments(words[1..])], new InvocationConfiguration { Output = printed, Error = printed });
            Assert.That(code != 0, Is.EqualTo(fails), $"line {at}: {line}\n{printed}");
        }

        return printed.ToString().ReplaceLineEndings("\n").Replace($"{_folder.PathOf("scripts")}/", "scripts/", StringComparison.Ordinal);
    }

    // What is run in the folder of gateway.json is told where that is, and what is sent, the port.
    private IEnumerable<string> Arguments(string[] words) => words[0] == "send"
        ? words.Select(word => word.Replace("coap://127.0.0.1/", string.Create(CultureInfo.InvariantCulture, $"coap://127.0.0.1:{_gateway!.CoapPort}/"), StringComparison.Ordinal))
        : [.. words, "--config", _folder.PathOf("gateway.json")];

    private async Task<string> CurlAsync(string[] words)
    {
        var path = words.Single(word => word.StartsWith("http://127.0.0.1:8080/", StringComparison.Ordinal))["http://127.0.0.1:8080".Length..];
        var body = words.SkipWhile(word => word != "-d").ElementAtOrDefault(1);
        using var content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = content is null ? await _gateway!.Http.GetAsync(path) : await _gateway!.Http.PostAsync(path, content);
        Assert.That(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode}");
        return await answer.Content.ReadAsStringAsync();
    }

    private void Replace(string file, string pattern, string text, int line)
    {
        var before = File.ReadAllText(_folder.PathOf(file));
        var after = Regex.Replace(before, pattern, text.Replace("$", "$$", StringComparison.Ordinal), RegexOptions.Multiline);
        Assert.That(after, Is.Not.EqualTo(before), $"line {line}: {file} has no such place");
        _folder.Write(file, after);
    }

    private static string PatternOf(string text) =>
        @"\A" + string.Join("[^\0]*?", text.TrimEnd('\n').Split(Anything).Select(part => Regex.Escape(part))) + @"\s*\z";

    [GeneratedRegex(@"^```([^\n]*)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
