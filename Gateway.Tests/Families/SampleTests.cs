using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Cli;
using Gateway.Tests.Support;

namespace Gateway.Tests.Families;

/// <summary>The samples are taken by a gateway as it is shipped, with the lines that their pages show.</summary>
internal sealed partial class SampleTests
{
    private GatewayUnderTest _gateway = null!;

    private static IEnumerable<TestCaseData> Lines() =>
        from page in Directory.GetFiles(Repository.PathOf("samples"), "README.md", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        from block in Shell().Matches(File.ReadAllText(page).ReplaceLineEndings("\n"))
        select new TestCaseData(block.Groups[1].Value).SetArgDisplayNames(Path.GetFileName(Path.GetDirectoryName(page)!));

    private static IEnumerable<string> Families() => Directory.GetDirectories(Repository.PathOf("samples")).Select(folder => Path.GetFileName(folder)).Where(Family.Names.Contains);

    [OneTimeSetUp]
    public async Task StartAsync() => _gateway = await GatewayUnderTest.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _gateway.DisposeAsync();

    [TestCaseSource(nameof(Lines))]
    public async Task What_gateway_send_sends_is_taken(string lines)
    {
        foreach (var line in lines.Split('\n').Where(line => line.StartsWith("gateway send ", StringComparison.Ordinal)))
        {
            using var output = new StringWriter(CultureInfo.InvariantCulture);
            var code = await CommandLine.RunAsync([.. Here(line).Skip(1)], new InvocationConfiguration { Output = output, Error = output });

            Assert.That((code, output.ToString().Trim()), Is.EqualTo((0, "2.01")), line);
        }
    }

    // One after the other: the second may need what the first has done.
    [TestCaseSource(nameof(Lines))]
    public async Task What_coap_client_sends_is_taken(string lines)
    {
        foreach (var line in lines.Split('\n').Where(line => line.StartsWith("coap-client ", StringComparison.Ordinal)))
        {
            string[] words = [.. Here(line)];

            Assert.That(await LibcoapClient.RunAsync(words[^1], [.. words[1..^1], "-v", "6"]), Does.Match(" c:2\\.0[14] "), line);
        }
    }

    // Efento's has a page of another form, and tests of its own.
    [TestCaseSource(nameof(Families))]
    public void Every_sample_is_sent_and_what_it_decodes_to_is_told(string family)
    {
        var page = File.ReadAllText(Repository.PathOf("samples", family, "README.md"));
        var files = Directory.GetFiles(Repository.PathOf("samples", family)).Select(file => Path.GetFileName(file)).Where(file => family != "efento" && file != "README.md" && !file.EndsWith(".hex", StringComparison.Ordinal));

        Assert.That(files.Where(file => !page.Contains($"| `{file.Replace(".bin", "", StringComparison.Ordinal)}` |", StringComparison.Ordinal)), Is.Empty);
        Assert.That(files.Where(file => !page.Contains($"samples/{family}/{file} ", StringComparison.Ordinal)), Is.Empty);
    }

    [TestCaseSource(nameof(Families))]
    public void The_digits_are_those_of_the_bytes(string family)
    {
        foreach (var digits in Directory.GetFiles(Repository.PathOf("samples", family), "*.hex"))
        {
            Assert.That(Convert.FromHexString(File.ReadAllText(digits).Trim()), Is.EqualTo(File.ReadAllBytes(Path.ChangeExtension(digits, ".bin"))), digits);
        }
    }

    // Where the gateway of this test listens, and where the samples are.
    private IEnumerable<string> Here(string line) => ShellWords.Of(line).Select(word => word
        .Replace("coap://127.0.0.1/", string.Create(CultureInfo.InvariantCulture, $"coap://127.0.0.1:{_gateway.CoapPort}/"), StringComparison.Ordinal)
        .Replace("samples/", $"{Repository.PathOf("samples")}/", StringComparison.Ordinal));

    [GeneratedRegex(@"^```sh\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Shell();
}
