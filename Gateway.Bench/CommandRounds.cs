using System.Diagnostics;
using System.Net;
using Gateway.Coap;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Routing;
using Gateway.Uplink;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Bench;

/// <summary>
/// What commands cost: to queue them, to deliver one with each frame, and to know them again after a start. The gateway is whole, with its
/// journal on this disk; frames are given to the conductor, so the sockets and the CoAP engine are not in the figures.
/// </summary>
internal static class CommandRounds
{
    private const int AtOnce = 256;
    private const int FewCommands = 1000;

    private static readonly TimeSpan LongestCatchUp = TimeSpan.FromMinutes(30);

    // Each frame differs: one that is as the last one was is taken for its retransmission, and answered as that was.
    private static long _frames;

    /// <summary>Reads anything, and encodes every command into four bytes.</summary>
    public const string Script = """
        List<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config) => [new Reading("A", payload.Length)];
        byte[]? format_command(Command command, DeviceConfig config) => [1, 2, 3, 4];
        """;

    private static readonly JsonElement Payload = JsonElement.Parse("""{"interval": 3600, "mode": "eco", "thresholds": [10, 20, 30]}""");

    /// <summary>Queues so many commands for half as many devices, delivers some of them, and starts again.</summary>
    public static async Task RunAsync(int commands)
    {
        Machine.Describe($"{commands} commands for {commands / 2} devices");
        var folder = Directory.CreateTempSubdirectory("gateway-commands-");
        try
        {
            await using (var gateway = await StartAsync(folder.FullName))
            {
                await RegisterAsync(gateway, "few", FewCommands / 2);
                await RegisterAsync(gateway, "d", commands / 2);
                await DeliverFewAsync(gateway);
                Tell("queued", commands, await QueueAsync(gateway, "d", commands));
                Tell("delivered with all waiting", commands / 10, await DeliverAsync(gateway, "d", commands / 10, commands / 2));
                await CatchUpAsync(gateway);
                Tell("delivered with all waiting, the store idle", commands / 10, await DeliverAsync(gateway, "d", commands / 10, commands / 2, commands / 10));
                Tell("frames of devices without commands", commands / 10, await DeliverAsync(gateway, "few", commands / 10, FewCommands / 2, carries: false));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"memory: {GC.GetTotalMemory(forceFullCollection: true) / 1e6:F0} MB managed; the store is {gateway.Services.GetRequiredService<CommandFollower>().Lag} commands behind"));
                await CatchUpAsync(gateway);
                await gateway.StopAsync();
            }

            var started = Stopwatch.GetTimestamp();
            await using var again = await StartAsync(folder.FullName);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"a start with {again.Services.GetRequiredService<CommandIndex>().Count} commands: {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s"));
            await again.StopAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        Console.WriteLine($"load average {Machine.Load}");
    }

    // The same thousand again and again, or there would be too little to measure.
    private static async Task DeliverFewAsync(WebApplication gateway)
    {
        const int Rounds = 20;
        var (queued, delivered) = (TimeSpan.Zero, TimeSpan.Zero);
        for (var round = 0; round < Rounds; round++)
        {
            queued += await QueueAsync(gateway, "few", FewCommands);
            delivered += await DeliverAsync(gateway, "few", FewCommands, FewCommands / 2);
        }

        // The last ones are confirmed by a frame that carries nothing.
        await DeliverAsync(gateway, "few", FewCommands / 2, FewCommands / 2, carries: false);
        Tell("queued with few waiting", Rounds * FewCommands, queued);
        Tell("delivered with few waiting", Rounds * FewCommands, delivered);
    }

    private static async Task<WebApplication> StartAsync(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "scripts"));
        await File.WriteAllTextAsync(Path.Combine(folder, "scripts", "bench.csx"), Script);
        var file = Path.Combine(folder, "gateway.json");
        await File.WriteAllTextAsync(file, """
            {
              "profiles": { "bench": { "script": "bench.csx", "unknown_devices": "provision" } },
              "routes": [{ "path": "/devices/{device_id}/data", "methods": ["post"], "profile": "bench" }],
              "sinks": {}
            }
            """);
        return await WholeGateway.StartAsync(file, "devices.cache_size=1000000", "commands.max_queued=10000000");
    }

    private static async Task RegisterAsync(WebApplication gateway, string prefix, int devices)
    {
        var now = DateTimeOffset.UnixEpoch;
        await gateway.Services.GetRequiredService<DeviceDirectory>().ImportAsync(
            [.. Enumerable.Range(0, devices).Select(i => new Device { Id = DeviceId.Parse(Name(prefix, i)), Profile = "bench", CreatedAt = now, UpdatedAt = now })], CancellationToken.None);
    }

    private static async Task<TimeSpan> QueueAsync(WebApplication gateway, string prefix, int commands)
    {
        var consumer = gateway.Services.GetRequiredService<CommandConsumer>();
        var follower = gateway.Services.GetRequiredService<CommandFollower>();
        return await ForEachAsync(commands, async i =>
        {
            var request = new CommandRequest { DeviceId = Name(prefix, i / 2), CommandType = "set", Payload = Payload };
            for (SubmitResult? result = null; result is not { IsTaken: true };)
            {
                result = await consumer.SubmitAsync(request, CancellationToken.None);
                if (result.Outcome is SubmitOutcome.Unavailable)
                {
                    await follower.CaughtUpAsync(LongestCatchUp, CancellationToken.None);
                }
                else if (!result.IsTaken)
                {
                    throw new InvalidOperationException(string.Join("; ", result.Problems));
                }
            }
        });
    }

    private static async Task<TimeSpan> DeliverAsync(WebApplication gateway, string prefix, int frames, int devices, int first = 0, bool carries = true)
    {
        var handler = gateway.Services.GetRequiredService<DeviceDataHandler>();
        var routes = gateway.Services.GetRequiredService<LiveRoutes>().Table;
        var peer = new IPEndPoint(IPAddress.Loopback, 5683);
        var taken = TimeSpan.Zero;

        // A device has one message under way: an answer that a newer one overtakes carries nothing.
        for (var sent = 0; sent < frames; sent += devices)
        {
            taken += await ForEachAsync(Math.Min(devices, frames - sent), SendAsync);
        }

        return taken;

        async Task SendAsync(int i)
        {
            string[] path = ["devices", Name(prefix, (first + i) % devices), "data"];
            var answer = await handler.HandleAsync(routes.Find(path)!.For(CoapCode.Post), new CoapRequest
            {
                Peer = peer,
                Method = CoapCode.Post,
                Confirmable = true,
                Path = path,
                Query = [],
                Options = [],
                Payload = BitConverter.GetBytes(Interlocked.Increment(ref _frames)),
                ReceivedAt = TimeProvider.System.GetUtcNow(),
            }, CancellationToken.None);
            if (answer.Code != CoapCode.Created || answer.Payload.Length != (carries ? 4 : 0))
            {
                throw new InvalidOperationException($"frame {i} was answered {answer.Code} with {answer.Payload.Length} bytes");
            }
        }
    }

    private static async Task<TimeSpan> ForEachAsync(int count, Func<int, Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) => await work(i));
        return Stopwatch.GetElapsedTime(started);
    }

    private static async Task CatchUpAsync(WebApplication gateway)
    {
        var started = Stopwatch.GetTimestamp();
        var follower = gateway.Services.GetRequiredService<CommandFollower>();
        var behind = follower.Lag;
        await follower.CaughtUpAsync(LongestCatchUp, CancellationToken.None);
        if (behind > FewCommands)
        {
            Tell("written into the store", behind, Stopwatch.GetElapsedTime(started));
        }
    }

    private static void Tell(string what, int count, TimeSpan took) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {count / took.TotalSeconds:F0}/s ({count} in {took.TotalSeconds:F2} s)"));

    private static string Name(string prefix, int number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{number:000000}");
}
