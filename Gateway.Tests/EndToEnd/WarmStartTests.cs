using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Cli;
using Gateway.Coap;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd;

/// <summary>A gateway that finds its scripts compiled does without the compiler.</summary>
[Platform("Linux", Reason = "the process's memory map tells which files it has loaded")]
internal sealed partial class WarmStartTests
{
    [Test]
    public async Task The_second_start_does_not_even_load_the_compiler()
    {
        using var folder = new TempFolder();
        var file = folder.Write("gateway.json", await File.ReadAllTextAsync(Repository.PathOf("gateway.json")));

        Assert.That(await AssembliesAfterAFrameAsync(file), Has.Member("Microsoft.CodeAnalysis.CSharp.dll"), "the first start compiles");
        var assemblies = await AssembliesAfterAFrameAsync(file);

        Assert.That(assemblies, Has.Member("Google.Protobuf.dll").And.None.StartsWith("Microsoft.CodeAnalysis").And.None.StartsWith("Mono.Cecil"));
    }

    // The assemblies that the gateway has in memory once it has answered a frame, for which the script must have parsed it.
    private static async Task<string[]> AssembliesAfterAFrameAsync(string configuration)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet",
        [
            typeof(CommandLine).Assembly.Location, "run", "--config", configuration, "--set", "coap.addresses=[\"127.0.0.1\"]", "--set", "coap.port=0",
            "--set", "api.port=0", "--set", $"scripts.path={Repository.PathOf("scripts")}", "--set", "sinks.console.enabled=false",
            "--set", "scripts.ready_timeout_seconds=60",
        ])
        { RedirectStandardError = true })!;
        try
        {
            var uri = await ListeningAsync(process);
            using var client = new CoapClient(TimeProvider.System, new Random(1));
            var answer = await client.SendAsync(
                new ClientRequest(CoapCode.Post, uri) { Payload = Convert.FromHexString(Frames.Efento) }, CancellationToken.None);
            Assert.That(answer.Code, Is.EqualTo(CoapCode.Created));

            // The scripts of other profiles are compiled meanwhile.
            var cache = Path.Combine(Path.GetDirectoryName(configuration)!, "data", "script-cache");
            var scripts = Directory.GetFiles(Repository.PathOf("scripts"), "*.csx").Length;
            await Eventually.HoldsAsync(() => Directory.GetFiles(cache, "*.image").Length == scripts, "all scripts are kept");
            var maps = await File.ReadAllLinesAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/maps"));
            return [.. maps.Where(line => line.EndsWith(".dll", StringComparison.Ordinal)).Select(line => Path.GetFileName(line)).Distinct()];
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private static async Task<CoapUri> ListeningAsync(Process process)
    {
        while (await process.StandardError.ReadLineAsync().WaitAsync(Eventually.Limit) is { } line)
        {
            if (Listening().Match(line) is { Success: true } found)
            {
                // What comes later must be read too, or the pipe fills up and the gateway stands still.
                _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
                Assert.That(CoapUri.TryParse($"{found.Value}/m", out var uri, out var problem), problem);
                return uri!;
            }
        }

        throw new AssertionException("the gateway ended before it listened");
    }

    [GeneratedRegex(@"coap://127\.0\.0\.1:\d+")]
    private static partial Regex Listening();
}
