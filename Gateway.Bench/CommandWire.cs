using System.Diagnostics;
using System.Net.Http.Headers;

namespace Gateway.Bench;

/// <summary>
/// Commands over the wire, to a gateway in a process of its own: queued over HTTP in batches of 10,000, delivered over UDP with one message of
/// each device. The load is made on the same machine, by one thread.
/// </summary>
internal static class CommandWire
{
    private const int Batch = 10_000;

    // Where not every message has a command to fetch, one of so many has.
    private const int OneOf = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>So many rounds: uplinks without commands; then, for each tenth device and for all of them, queueing, uplinks that fetch, and uplinks that confirm.</summary>
    public static async Task RunAsync(int devices, int rounds)
    {
        Machine.Describe($"{rounds} rounds of {devices} devices");
        var folder = Directory.CreateTempSubdirectory("gateway-wire-");
        var (coap, api) = (FreePort.Udp(), FreePort.Udp());
        try
        {
            await PrepareAsync(folder.FullName, devices);
            using var gateway = Start(folder.FullName, coap, api);
            try
            {
                using var http = new HttpClient { BaseAddress = new Uri(FormattableString.Invariant($"http://127.0.0.1:{api}")), Timeout = Patience };
                await ReadyAsync(http, gateway, devices);
                using var load = new CommandWireLoad(coap);
                Tell("warm-up", devices, load.Run(devices, Name).Took, gateway.TotalProcessorTime);
                int[] all = [.. Enumerable.Range(0, devices)], some = [.. all.Where(device => device % OneOf == 0)];
                List<double> plain = [], queued = [], fetched = [], mixed = [], ratios = [], mixedRatios = [];
                for (var round = 0; round < rounds; round++)
                {
                    plain.Add(Uplinks("uplinks without commands", load, devices, gateway, carried: 0));
                    await QueueAsync(http, some, gateway);
                    mixed.Add(Uplinks("uplinks of which each tenth fetches one", load, devices, gateway, carried: some.Length));
                    Uplinks("uplinks of which each tenth confirms one", load, devices, gateway, carried: 0);
                    queued.Add(await QueueAsync(http, all, gateway));
                    fetched.Add(Uplinks("uplinks that fetch one each", load, devices, gateway, carried: devices));
                    Uplinks("uplinks that confirm one each", load, devices, gateway, carried: 0);
                    ratios.Add(fetched[^1] / plain[^1]);
                    mixedRatios.Add(mixed[^1] / plain[^1]);
                }

                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"medians: {Figures.Median(plain):F0} uplinks/s without commands; {Figures.Median(mixed):F0} where each tenth fetches one, ratio {Figures.Median(mixedRatios):F2}; {Figures.Median(fetched):F0} where each does, ratio {Figures.Median(ratios):F2}; {Figures.Median(queued):F0} commands queued a second; load average {Machine.Load}"));
            }
            finally
            {
                gateway.Kill(entireProcessTree: true);
                await gateway.WaitForExitAsync();
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double Uplinks(string what, CommandWireLoad load, int devices, Process gateway, int carried)
    {
        var before = gateway.TotalProcessorTime;
        var (took, carrying, again) = load.Run(devices, Name);
        if (carrying != carried)
        {
            throw new InvalidOperationException($"{carrying} of {devices} answers carried a command, not {carried}");
        }

        return Tell(again == 0 ? what : $"{what} ({again} sent again)", devices, took, gateway.TotalProcessorTime - before);
    }

    private static async Task<double> QueueAsync(HttpClient http, int[] devices, Process gateway)
    {
        var bodies = devices.Chunk(Batch).Select(chunk => string.Join('\n', chunk.Select(i =>
            $$$"""{"device_id": "{{{Name(i)}}}", "command_type": "set", "payload": {"interval": 3600, "mode": "eco", "thresholds": [10, 20, 30]}}"""))).ToArray();
        var (started, before) = (Stopwatch.GetTimestamp(), gateway.TotalProcessorTime);
        foreach (var body in bodies)
        {
            using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/x-ndjson"));
            using var response = await http.PostAsync("/api/v1/commands/batch", content);
            using var result = JsonDocument.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
            if (result.RootElement.GetProperty("refused").GetInt32() is > 0 and var refused)
            {
                throw new InvalidOperationException($"{refused} commands were refused");
            }
        }

        return Tell("queued over the API", devices.Length, Stopwatch.GetElapsedTime(started), gateway.TotalProcessorTime - before);
    }

    private static double Tell(string what, int count, TimeSpan took, TimeSpan processor)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{what}: {count / took.TotalSeconds:F0}/s ({count} in {took.TotalSeconds:F2} s), {processor.TotalMicroseconds / count:F1} µs of processor each"));
        return count / took.TotalSeconds;
    }

    private static async Task PrepareAsync(string folder, int devices)
    {
        Directory.CreateDirectory(Path.Combine(folder, "scripts"));
        await File.WriteAllTextAsync(Path.Combine(folder, "scripts", "bench.csx"), CommandRounds.Script);
        await File.WriteAllLinesAsync(Path.Combine(folder, "devices.ndjson"), Enumerable.Range(0, devices).Select(i => $$"""{"device_id": "{{Name(i)}}", "profile": "bench"}"""));
        await File.WriteAllTextAsync(Path.Combine(folder, "gateway.json"), """
            {
              "profiles": { "bench": { "script": "bench.csx", "unknown_devices": "reject" } },
              "routes": [{ "path": "/devices/{device_id}/data", "methods": ["post"], "profile": "bench" }],
              "devices": { "import_path": "devices.ndjson", "cache_size": 1000000 },
              "sinks": {}
            }
            """);
    }

    private static Process Start(string folder, int coap, int api)
    {
        string[] sets =
        [
            FormattableString.Invariant($"coap.port={coap}"), FormattableString.Invariant($"api.port={api}"), "coap.peer_requests_per_second=0", "coap.prefix_requests_per_second=0", "log.level=error",
        ];
        var gateway = Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "Gateway.dll"), "run", "--config", Path.Combine(folder, "gateway.json"), .. sets.SelectMany(set => new[] { "--set", set })])
        {
            RedirectStandardOutput = true,
        })!;
        gateway.OutputDataReceived += (_, _) => { };
        gateway.BeginOutputReadLine();
        return gateway;
    }

    // The devices are imported behind the start: the last one is there when all are.
    private static async Task ReadyAsync(HttpClient http, Process gateway, int devices)
    {
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < Patience && !gateway.HasExited; await ticks.WaitForNextTickAsync())
        {
            try
            {
                if ((await http.GetAsync($"/api/v1/devices/{Name(devices - 1)}")).IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Nobody listens yet, and the system says so at once.
                continue;
            }
        }

        throw new InvalidOperationException("the gateway did not come up");
    }

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"d{number:000000}");
}
