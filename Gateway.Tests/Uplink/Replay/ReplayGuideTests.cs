using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Api;
using Gateway.Cli;
using Gateway.Journal;
using Gateway.Tests.Support;

namespace Gateway.Tests.Uplink.Replay;

/// <summary>docs/replay.md, which people paste from.</summary>
internal sealed partial class ReplayGuideTests
{
    private static readonly string Text = File.ReadAllText(Repository.PathOf("docs", "replay.md")).ReplaceLineEndings("\n");

    private static IEnumerable<string> Lines(string program) => Block().Matches(Text)
        .SelectMany(block => block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        .Where(line => line.StartsWith(program, StringComparison.Ordinal));

    [Test]
    public async Task Its_commands_work_when_they_are_pasted()
    {
        await using var house = await ReplayHouse.StartAsync(ReplayHouse.Broken);
        await house.SendAsync("cellar", 7);
        await house.ChangeScriptAsync(ReplayHouse.Mended);
        var (api, file) = (string.Create(CultureInfo.InvariantCulture, $"api.port={house.Gateway.Http.BaseAddress!.Port}"), house.Folder.PathOf("gateway.json"));
        foreach (var line in Lines("gateway "))
        {
            await using var output = new StringWriter();
            await using var error = new StringWriter();
            var code = await CommandLine.RunAsync([.. ShellWords.Of(line)[1..], "--config", file, "--set", api], new InvocationConfiguration { Output = output, Error = error });
            Assert.That(code, Is.Zero, $"{line}\n{output}{error}");
        }
    }

    [Test]
    public async Task Its_requests_work_when_they_are_pasted()
    {
        await using var house = await ReplayHouse.StartAsync(ReplayHouse.Broken);
        await house.SendAsync("cellar", 7);
        foreach (var line in Lines("curl "))
        {
            var words = ShellWords.Of(line);
            var body = Array.IndexOf(words, "-d") is >= 0 and var place ? new StringContent(words[place + 1], Encoding.UTF8, "application/json") : null;
            var address = new Uri(words.Single(word => word.Trim('"').StartsWith("http", StringComparison.Ordinal)).Trim('"'));
            using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, address.PathAndQuery) { Content = body };
            using var response = await house.Gateway.Http.SendAsync(request);
            Assert.That(response.IsSuccessStatusCode, Is.True, $"{line}\n{await response.Content.ReadAsStringAsync()}");
        }
    }

    [Test]
    public void All_that_can_be_asked_for_is_told_of()
    {
        var members = typeof(ReplayDocument).GetProperties().Select(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
        var reasons = Enum.GetValues<FrameOutcome>()[2..].Select(outcome => JsonNamingPolicy.SnakeCaseLower.ConvertName(outcome.ToString()));

        Assert.That(members.Concat(reasons).Where(name => !Text.Contains($"`{name}`", StringComparison.Ordinal)), Is.Empty);
    }

    [GeneratedRegex("```\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
