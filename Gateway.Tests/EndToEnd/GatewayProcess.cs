using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Cli;
using Gateway.Coap;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd;

/// <summary>The gateway in a process of its own, which can be killed.</summary>
internal sealed partial class GatewayProcess : IDisposable
{
    private readonly Process _process;

    private GatewayProcess(Process process, int coapPort, string apiAddress) => (_process, CoapPort, ApiAddress) = (process, coapPort, apiAddress);

    public int CoapPort { get; }

    public string ApiAddress { get; }

    /// <summary>Starts it with the shipped configuration in a folder of the test's, which stays when the process is gone.</summary>
    public static async Task<GatewayProcess> StartAsync(TempFolder folder, params string[] sets)
    {
        var file = folder.Write("gateway.json", await File.ReadAllTextAsync(Repository.PathOf("gateway.json")));
        string[] all =
        [
            "coap.addresses=[\"127.0.0.1\"]", "coap.port=0", "api.port=0", $"scripts.path={Repository.PathOf("scripts")}", $"scripts.cache_path={GatewayUnderTest.ScriptCache}",
            "scripts.ready_timeout_seconds=60", .. sets,
        ];
        return await OfAsync(Launch(["run", "--config", file, .. all.SelectMany(set => new[] { "--set", set })]));
    }

    /// <summary>A gateway whose process has been started, once it listens.</summary>
    public static async Task<GatewayProcess> OfAsync(Process process)
    {
        var (coap, api) = await ListeningAsync(process);

        // What comes later must be read too, or the pipe fills up and the gateway stands still.
        _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        return new GatewayProcess(process, coap, api);
    }

    private static async Task<(int CoapPort, string ApiAddress)> ListeningAsync(Process process)
    {
        var (coap, api, seen) = (0, "", new List<string>());
        while (coap == 0 || api.Length == 0)
        {
            var line = await process.StandardError.ReadLineAsync().WaitAsync(Eventually.Limit) ?? throw new AssertionException("the gateway ended: " + string.Join('\n', seen));
            seen.Add(line);
            coap = CoapLine().Match(line) is { Success: true } found ? int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : coap;
            api = ApiLine().Match(line) is { Success: true } listening ? listening.Groups[1].Value : api;
        }

        return (coap, api);
    }

    /// <summary>Starts the program. Where a file may not grow, it is told so and not ended for it, as a service would be started.</summary>
    public static Process Launch(params string[] arguments)
    {
        string[] command = ["dotnet", typeof(CommandLine).Assembly.Location, .. arguments];
        if (!OperatingSystem.IsWindows())
        {
            command = ["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh", .. command];
        }

        return Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
    }

    /// <summary>From now on no file of the process may grow beyond so many bytes; null takes the limit away.</summary>
    public void LimitFiles(long? bytes)
    {
        var limit = bytes?.ToString(CultureInfo.InvariantCulture) ?? "unlimited";
        using var prlimit = Process.Start("prlimit", ["--pid", _process.Id.ToString(CultureInfo.InvariantCulture), $"--fsize={limit}:"]);
        prlimit.WaitForExit();
        Assert.That(prlimit.ExitCode, Is.Zero, "prlimit");
    }

    public async Task<CoapMessage> SendAsync(string hex, string path = "/m")
    {
        Assert.That(CoapUri.TryParse($"coap://127.0.0.1:{CoapPort}{path}", out var uri, out var problem), problem);
        using var client = new CoapClient(TimeProvider.System, new Random(1));
        return await client.SendAsync(
            new ClientRequest(CoapCode.Post, uri!) { Payload = Convert.FromHexString(hex) }, CancellationToken.None);
    }

    /// <summary>Sends it a signal, such as <c>TERM</c>, and gives its exit code when it has ended.</summary>
    public async Task<int> StopAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync().WaitAsync(Eventually.Limit);
        return _process.ExitCode;
    }

    /// <summary>SIGKILL: no chance to put anything in order.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    [GeneratedRegex(@"coap://127\.0\.0\.1:(\d+)")]
    private static partial Regex CoapLine();

    [GeneratedRegex(@"management API listens on (http://[^ ]+)")]
    private static partial Regex ApiLine();
}
