using System.Diagnostics.Metrics;
using System.Net;
using Gateway.Coap;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Bench;

/// <summary>
/// <c>memory</c>: what each of the things takes of which a gateway has many. So many are made, and the managed heap is compared before and
/// after, collected both times.
/// </summary>
internal static class MemoryTable
{
    private const int Devices = 100_000;
    private const int Requests = 200_000;

    /// <summary>Prints the table, and puts it into docs/performance.md if that is wanted.</summary>
    public static async Task RunAsync(bool write)
    {
        var folder = Directory.CreateTempSubdirectory("gateway-memory-").FullName;
        var table = new StringBuilder();
        table.AppendLine(CultureInfo.InvariantCulture, $"{Machine.Line}.");
        table.AppendLine();
        table.AppendLine("| what | bytes of each | bound | setting (default) |");
        table.AppendLine("|---|---|---|---|");
        try
        {
            await using var gateway = await WholeGateway.StartAsync(
                Repository.PathOf("gateway.json"), "devices.cache_size=1000000", $"storage.path={folder}/gateway.db", $"journal.path={folder}/journal.db",
                "sinks.file.enabled=false", "sinks.console.enabled=false", $"scripts.versions_path={folder}/versions", $"scripts.cache_path={folder}/cache");
            await MeasureDevicesAsync(gateway.Services, table);
            await gateway.StopAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        var (ofOnePeer, ofManyPeers) = (BytesOfRequests(peers: 1), BytesOfRequests(peers: Requests));
        Row(table, "remembered request (duplicate entry) with an empty answer", ofOnePeer, "the oldest is forgotten", "`coap.max_exchanges` (200,000)");
        Row(table, "known peer, while it has remembered requests", ofManyPeers - ofOnePeer, "as many as requests", "the same");
        Console.WriteLine(table);
        if (write)
        {
            PerformancePage.Write("memory", table.ToString());
        }
    }

    private static async Task MeasureDevicesAsync(IServiceProvider services, StringBuilder table)
    {
        var now = DateTimeOffset.UnixEpoch;
        var devices = Enumerable.Range(0, Devices)
            .Select(i => new Device { Id = DeviceId.Parse(CommandBenchmark.NameOf(i)), Profile = "efento", CreatedAt = now, UpdatedAt = now }).ToArray();
        var (directory, registry) = (services.GetRequiredService<DeviceDirectory>(), services.GetRequiredService<CommandRegistry>());
        await directory.ImportAsync(devices, CancellationToken.None);
        await registry.RegisterDevicesAsync(devices.Take(1), CancellationToken.None);
        var ids = devices.Select(device => device.Id).ToArray();
        devices = null;

        const string cache = "`devices.cache_size` (100,000)";
        var known = await BytesAsync(Devices, async () =>
        {
            foreach (var id in ids)
            {
                await directory.FindAsync(id, CancellationToken.None);
            }
        });
        Row(table, "device in memory", known, "the least recently used is read from the store again", cache);
        var registered = await BytesAsync(Devices, async () =>
        {
            foreach (var id in ids)
            {
                await registry.RegisterDevicesAsync([(await directory.FindAsync(id, CancellationToken.None))!], CancellationToken.None);
            }
        });
        Row(table, "its registration: which script speaks for it", registered, "is looked up again", cache);
        await MeasureExchangesAsync(services, ids, table, cache);
        var commands = services.GetRequiredService<CommandIndex>();
        var queued = await BytesAsync(Devices, () =>
        {
            for (var i = 0; i < Devices; i++)
            {
                commands.Put(CommandBenchmark.Waiting(CommandBenchmark.NameOf(i)));
            }

            return Task.CompletedTask;
        });
        Row(table, "queued command, the only one of its device, a request of 140 bytes", queued, "a further one is refused", "`commands.max_queued` (1,000,000)");
    }

    private static async Task MeasureExchangesAsync(IServiceProvider services, DeviceId[] ids, StringBuilder table, string cache)
    {
        var exchanges = services.GetRequiredService<RecentExchanges>();
        const int kept = 10;
        var first = await BytesAsync(Devices, () => NoteAsync(1));
        var more = await BytesAsync(Devices * (kept - 1), () => NoteAsync(kept - 1));
        Row(table, "how a device speaks, and its last exchange", first, "who spoke longest ago is forgotten", cache);
        Row(table, "each further one of its last exchanges", more, "the oldest is forgotten", "`devices.exchanges_kept` (10)");
        GC.KeepAlive(exchanges);

        Task NoteAsync(int times)
        {
            for (var i = 0; i < times * ids.Length; i++)
            {
                exchanges.Note(new DeviceExchange
                {
                    Id = new Guid(i, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
                    Device = ids[i % ids.Length],
                    Profile = "efento",
                    ReceivedAt = DateTimeOffset.UnixEpoch,
                    Took = TimeSpan.Zero,
                    Method = CoapCode.Post,
                    Path = "/m",
                    Peer = "192.0.2.1:5683",
                    Confirmable = true,
                    PayloadLength = Frames.Efento.Length,
                    Outcome = FrameOutcome.Parsed,
                    Code = CoapCode.Created,
                    AnswerLength = 0,
                });
            }

            return Task.CompletedTask;
        }
    }

    private static double BytesOfRequests(int peers)
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var settings = new CoapSettings { MaxExchanges = Requests, MaxExchangesPerPeer = Requests, PeerRequestsPerSecond = 0, PrefixRequestsPerSecond = 0 };
        using var layer = EngineOfBenchmarks.New(settings, services.GetRequiredService<IMeterFactory>(), static _ => { });
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Requests; i++)
        {
            var device = i % peers;
            var address = new IPAddress([10, (byte)(device >> 16), (byte)(device >> 8), (byte)device]);
            layer.Receive(Peer.From(new IPEndPoint(address, 40_000)), EngineOfBenchmarks.Request(i));
        }

        return (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Requests;
    }

    private static async Task<double> BytesAsync(int count, Func<Task> make)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await make();
        return (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)count;
    }

    private static void Row(StringBuilder table, string what, double bytes, string bound, string setting) =>
        table.AppendLine(CultureInfo.InvariantCulture, $"| {what} | {bytes:N0} | {bound} | {setting} |");
}
