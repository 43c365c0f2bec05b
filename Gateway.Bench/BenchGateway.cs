using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Gateway.Bench;

/// <summary>A gateway in a process and a folder of its own, with a script that reads little.</summary>
internal sealed partial class BenchGateway : IDisposable
{
    private const string Script = """
        List<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config) => [new Reading("A", payload.Length)];
        byte[]? format_command(Command command, DeviceConfig config) => [1, 2, 3, 4];
        """;

    private const string Settings = """
        {
          "profiles": { "bench": { "script": "bench.csx" } },
          "routes": [{ "path": "/devices/{device_id}/data", "methods": ["post"], "profile": "bench" }],
          "sinks": { "file": { "type": "file", "path": "data/readings.ndjson" } }
        }
        """;

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private BenchGateway(Process process, DirectoryInfo folder, int coapPort, Uri api) => (_process, _folder, CoapPort, Api) = (process, folder, coapPort, api);

    public int CoapPort { get; }

    public Uri Api { get; }

    /// <summary>How much CPU it has taken so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<BenchGateway> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("gateway-bench-");
        folder.CreateSubdirectory("scripts");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "scripts", "bench.csx"), Script);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "gateway.json"), Settings);
        string[] settings = ["coap.addresses=[\"127.0.0.1\"]", "coap.port=0", "api.port=0", "log.level=info", "access.requests_per_second=100000", "access.burst=100000"];
        var process = Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "Gateway.dll"), "run", .. settings.SelectMany(setting => new[] { "--set", setting })])
        {
            WorkingDirectory = folder.FullName,
            RedirectStandardError = true,
        })!;
        var (coap, api) = (0, (Uri?)null);
        while (coap == 0 || api is null)
        {
            var line = await process.StandardError.ReadLineAsync() ?? throw new InvalidOperationException("the gateway ended");
            coap = CoapLine().Match(line) is { Success: true } found ? int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : coap;
            api = ApiLine().Match(line) is { Success: true } listening ? new Uri(listening.Groups[1].Value) : api;
        }

        // Or it would wait for a reader of its log. The reading ends with the process.
        _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        return new BenchGateway(process, folder, coap, api);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    [GeneratedRegex(@"coap://127\.0\.0\.1:(\d+)")]
    private static partial Regex CoapLine();

    [GeneratedRegex(@"management API listens on (http://[^ ]+)")]
    private static partial Regex ApiLine();
}
