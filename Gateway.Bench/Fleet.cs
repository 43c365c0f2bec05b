using System.Diagnostics;
using Gateway.Devices;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Bench;

/// <summary>
/// <c>fleet</c>: a store full of registered devices. How long they take to be registered, how long a gateway then takes from its start to the
/// first answer, and how much memory it has then, and after a load from some of them.
/// </summary>
internal static class Fleet
{
    private const int Portion = 10_000;

    /// <summary>Registers so many, starts, and prints a line; puts it into docs/performance.md if that is wanted.</summary>
    public static async Task RunAsync(string sources, int devices, bool write)
    {
        var tools = LoadTools.BuiltFrom(sources);
        var folder = Directory.CreateTempSubdirectory("gateway-fleet-").FullName;
        string[] store = [$"storage.path={folder}/gateway.db", $"scripts.versions_path={folder}/versions", $"scripts.cache_path={folder}/cache", $"journal.path={folder}/journal.db"];
        try
        {
            var registering = await RegisterAsync(devices, store);
            var started = Stopwatch.GetTimestamp();
            using var server = LoadedServer.Gateway("the gateway", null, store);
            await server.AnswersAsync();
            var (start, atStart) = (Stopwatch.GetElapsedTime(started), server.WorkingSet);
            var figures = await server.LoadAsync(tools, new LoadShape(6) { Seconds = 5, Rate = 5000, Sockets = 10_000, Window = 2 });
            var text = string.Create(CultureInfo.InvariantCulture, $"""
                {Machine.Line}.

                {devices:N0} devices in LiteDB ({new FileInfo(Path.Combine(folder, "gateway.db")).Length / (double)devices:F0} bytes of the file each), registered in {registering.TotalSeconds:F0} s ({devices / registering.TotalSeconds:N0}/s). A start takes **{start.TotalSeconds:F1} s** to the first answer, and **{atStart / 1048576} MiB** of memory (RSS); {server.WorkingSet / 1048576} MiB after {figures.Answers:N0} frames of 10,000 of them.

                """);
            Console.WriteLine(text);
            if (write)
            {
                PerformancePage.Write("fleet", text);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<TimeSpan> RegisterAsync(int devices, string[] store)
    {
        await using var gateway = await WholeGateway.StartAsync(Repository.PathOf("gateway.json"), [.. store, "sinks.file.enabled=false", "sinks.console.enabled=false"]);
        var directory = gateway.Services.GetRequiredService<DeviceDirectory>();
        var (started, now) = (Stopwatch.GetTimestamp(), DateTimeOffset.UnixEpoch);

        // From the first serial number on that coapload uses.
        foreach (var portion in Enumerable.Range(0, devices).Chunk(Portion))
        {
            await directory.ImportAsync(
                [.. portion.Select(i => new Device { Id = DeviceId.Parse(string.Create(CultureInfo.InvariantCulture, $"{0x282C02400000 + i:x12}")), Profile = "efento", CreatedAt = now, UpdatedAt = now })],
                CancellationToken.None);
        }

        var took = Stopwatch.GetElapsedTime(started);
        await gateway.StopAsync();
        return took;
    }
}
