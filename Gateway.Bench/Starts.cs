using System.Diagnostics;

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
        List<double> cold = [], warm = [];
        for (var i = 0; i < runs; i++)
        {
            var folder = Directory.CreateTempSubdirectory("gateway-starts-");
            try
            {
                cold.Add(await StartAsync(gateway, folder.FullName, "first"));
                warm.Add(await StartAsync(gateway, folder.FullName, "second"));
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"to the first 2.01: cold {Figures.Median(cold):F2} s, warm {Figures.Median(warm):F2} s, median of the ratios {Figures.Median(warm.Zip(cold, (w, c) => w / c)):F2}"));
    }

    // Everything but the cache is new.
    private static async Task<double> StartAsync(string gateway, string folder, string data)
    {
        var port = FreePort.Udp();
        string[] settings =
        [
            $"coap.port={port}", "api.port=0", "sinks.console.enabled=false", "sinks.file.enabled=false", "log.level=warn",
            $"storage.path={Path.Combine(folder, data, "gateway.db")}", $"journal.path={Path.Combine(folder, data, "journal")}", $"scripts.cache_path={Path.Combine(folder, "cache")}",
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
            return Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }
}
