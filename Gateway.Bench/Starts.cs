using System.Diagnostics;
using Gateway.Configuration;

namespace Gateway.Bench;

/// <summary>How long it takes from the start of a gateway to the answer to a sensor's first frame, without and with compiled scripts in the cache.</summary>
internal static class Starts
{
    /// <summary>Starts so many of each in turn, and prints medians.</summary>
    /// <param name="runs">How many.</param>
    /// <param name="gateway">Gateway.dll of the build that is started: a published one has been compiled ahead of time.</param>
    public static async Task RunAsync(int runs, string gateway)
    {
        Machine.Describe($"{runs} starts each of {gateway}, without and with a cache, in turn");
        var scripts = ConfigurationLoader.Load(ConfigurationSources.OfProcess(Repository.PathOf("gateway.json"), [])).Settings.Profiles.Values.Select(profile => profile.Script).Distinct().Count();
        List<Start> cold = [], warm = [];
        for (var i = 0; i < runs; i++)
        {
            var folder = Directory.CreateTempSubdirectory("gateway-starts-");
            try
            {
                cold.Add(await StartAsync(gateway, folder.FullName, "first", scripts));
                warm.Add(await StartAsync(gateway, folder.FullName, "second", scripts));
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"to the first 2.01: cold {Figures.Median(cold.Select(start => start.Wall)):F2} s, warm {Figures.Median(warm.Select(start => start.Wall)):F2} s, median of the ratios {Figures.Median(warm.Zip(cold, (w, c) => w.Wall / c.Wall)):F2}"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"CPU until then: cold {Figures.Median(cold.Select(start => start.Cpu)):F2} s, warm {Figures.Median(warm.Select(start => start.Cpu)):F2} s"));
    }

    // Everything but the cache is new.
    private static async Task<Start> StartAsync(string gateway, string folder, string data, int scripts)
    {
        var cache = Path.Combine(folder, "cache");
        var port = FreePort.Udp();
        string[] settings =
        [
            $"coap.port={port}", "api.port=0", "sinks.console.enabled=false", "sinks.file.enabled=false", "log.level=warn",
            $"storage.path={Path.Combine(folder, data, "gateway.db")}", $"journal.path={Path.Combine(folder, data, "journal")}", $"scripts.cache_path={cache}",
        ];
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet", [gateway, "run", "--config", Repository.PathOf("gateway.json"), .. settings.SelectMany(setting => new[] { "--set", setting })])
        {
            RedirectStandardOutput = true,
        })!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        try
        {
            await FirstAnswer.WaitAsync(port, process);
            var wall = Stopwatch.GetElapsedTime(started).TotalSeconds;
            process.Refresh();
            var cpu = process.TotalProcessorTime.TotalSeconds;
            await KeptAsync(cache, scripts);
            return new Start(wall, cpu);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    // The first frame needs one script. A cache is warm when it has all of them, and that they have passed their vectors.
    private static async Task KeptAsync(string cache, int scripts)
    {
        while (Directory.GetFiles(cache, "*.passed").Length < scripts)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    // To the first answer: seconds, and seconds of processors.
    private readonly record struct Start(double Wall, double Cpu);
}
