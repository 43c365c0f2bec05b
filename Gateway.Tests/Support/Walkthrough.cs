using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Cli;

namespace Gateway.Tests.Support;

/// <summary>
/// A document whose commands are run as they are printed, and compared with the output that is printed below them. <c>…</c> stands for anything.
/// A comment in front of a block says what readers see for themselves: <c>stays</c> goes on in another terminal, <c>repeat</c> is run until it
/// gives what it should, <c>fails</c> ends with an error. Only the ports are not those of the text: others may use them.
/// </summary>
internal sealed partial class Walkthrough(string document, TempFolder folder)
{
    private const string PrintedApi = "127.0.0.1:8080";

    private int _api;
    private int _coap;

    /// <summary>The blocks of a document: what is run, and what it gives.</summary>
    public IReadOnlyList<Step> Steps { get; } =
        [.. Block().Matches(File.ReadAllText(Repository.PathOf("docs", document)).ReplaceLineEndings("\n")).Select(match =>
            new Step(match.Groups["mark"].Value, match.Groups["commands"].Value, match.Groups["output"] is { Success: true } output ? output.Value : null))];

    /// <summary>Skips a test where there is no shell, or no curl.</summary>
    public static void NeedsTools()
    {
        if (OperatingSystem.IsWindows() || Curl is null || !File.Exists("/bin/bash"))
        {
            Assert.That(Environment.GetEnvironmentVariable("CI"), Is.Not.EqualTo("true"), "bash and curl are needed");
            Assert.Ignore("bash and curl are needed");
        }
    }

    /// <summary>From now on commands find a gateway at these ports.</summary>
    public void Use(int coap, int api) => (_coap, _api) = (coap, api);

    /// <summary>Starts what stays. It listens on ports of its own.</summary>
    public Process Start(Step step)
    {
        var words = step.Commands.Trim().Split(' ');
        Assert.That(words[0], Is.EqualTo("gateway"));
        return Launch(["dotnet", typeof(CommandLine).Assembly.Location, .. words[1..], "--set", "coap.port=0", "--set", "api.port=0", "--set", "coap.addresses=[\"127.0.0.1\"]"]);
    }

    /// <summary>Runs a block, and compares what it gives.</summary>
    public async Task RunAsync(Step step)
    {
        if (!step.Is("repeat"))
        {
            var (code, output) = await OutputAsync(step.Commands);
            Assert.That(code == 0, Is.EqualTo(!step.Is("fails")), $"{step.Commands}\n{output}");
            Assert.That(step.Fits(output), Is.True, $"{step.Commands}\n--- is to give\n{step.Output}\n--- and gives\n{output}");
            return;
        }

        var last = "";
        await Eventually.HoldsAsync(async () => step.Fits(last = (await OutputAsync(step.Commands)).Output), $"{step.Commands} gives {step.Output}");
    }

    private static string? Curl => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(place => Path.Combine(place, "curl")).FirstOrDefault(File.Exists);

    private async Task<(int Code, string Output)> OutputAsync(string commands)
    {
        var port = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_api}");
        var prelude = $$"""
            gateway() {
              local words=("${@//127.0.0.1\//127.0.0.1:{{_coap}}/}")
              case "$1" in replay) words+=(--set api.port={{_api}});; esac
              dotnet '{{typeof(CommandLine).Assembly.Location}}' "${words[@]}"
            }
            curl() { command curl "${@//{{PrintedApi}}/{{port}}}"; }

            """;
        using var process = Launch(["/bin/bash", "-c", prelude + commands]);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(Eventually.Limit);
        return (process.ExitCode, (await output).ReplaceLineEndings("\n") + (process.ExitCode == 0 ? "" : await error));
    }

    private Process Launch(string[] command) => Process.Start(
        new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = folder.PathOf(""), RedirectStandardError = true, RedirectStandardOutput = true })!;

    [GeneratedRegex("""(?:<!-- (?<mark>\w+) -->\n)?```sh\n(?<commands>.*?)```\n(?:\n```(?:json|text)\n(?<output>.*?)```\n)?""", RegexOptions.Singleline)]
    private static partial Regex Block();

    /// <summary>A block of commands.</summary>
    /// <param name="Mark">What is said of it.</param>
    /// <param name="Commands">What is run.</param>
    /// <param name="Output">What it gives; null when the document does not say.</param>
    internal sealed record Step(string Mark, string Commands, string? Output)
    {
        public bool Is(string mark) => Mark == mark;

        public bool Fits(string output) =>
            Output is null || Regex.IsMatch(output.Trim(), "^" + string.Join(".*", Output.Trim().Split('…').Select(Regex.Escape)) + "$", RegexOptions.Singleline, TimeSpan.FromSeconds(5));
    }
}
