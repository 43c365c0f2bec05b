using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary>The admin of a simulated fleet: queues commands over the management API while it is under way, and asks in the end what the gateway believes of them.</summary>
internal sealed class CommandTraffic(GatewayClient gateway, Fleet fleet, FleetSettings settings, TimeProvider time)
{
    private const int MostInBatch = 1000;
    private const int MostAttempts = 100;
    private const int PageSize = 1000;

    // After that no new ones are queued, so that the last ones have time to be applied.
    private const double QueuedWithin = 0.7;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    // Whatever seed a fleet has, its commands are new ones.
    private readonly string _prefix = string.Create(CultureInfo.InvariantCulture, $"sim-{time.GetUtcNow().ToUnixTimeMilliseconds():x}-");
    private readonly int[] _queued = new int[settings.Devices];
    private readonly HashSet<(int Device, int Number)> _refused = [];

    /// <summary>How many were queued.</summary>
    public long Queued => _queued.Sum(count => (long)Volatile.Read(ref count)) - Refused;

    /// <summary>How many the gateway has refused.</summary>
    public long Refused { get; private set; }

    /// <summary>Some of the refusals, in the gateway's words.</summary>
    public List<string> Refusals { get; } = [];

    /// <summary>Whether a device has had all commands that were queued for it.</summary>
    public bool IsDone(int device)
    {
        for (var number = 0; number < Volatile.Read(ref _queued[device]); number++)
        {
            if (fleet.Devices[device].Model.TimesApplied(number) == 0 && !IsRefused(device, number))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Queues all commands, little by little.</summary>
    /// <exception cref="GatewayUnreachableException">There is no gateway.</exception>
    /// <exception cref="GatewayRefusalException">It refuses all of them.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var total = (long)settings.Devices * settings.CommandsPerDevice;
        var waiting = new Queue<int>(Enumerable.Range(0, settings.Devices));
        var sent = 0L;
        while (sent < total && fleet.Elapsed < settings.Duration)
        {
            var due = (long)(total * Math.Min(1, fleet.Elapsed / (settings.Duration * QueuedWithin)));
            sent += await QueueAsync(waiting, due - sent, cancellation);
            await Task.Delay(Period, time, cancellation);
        }
    }

    /// <summary>What the gateway believes: how many commands are in each state.</summary>
    public async Task<Dictionary<(int Device, int Number), string>> StatesAsync(CancellationToken cancellation)
    {
        var states = new Dictionary<(int, int), string>();
        string? after = null;
        do
        {
            var page = await gateway.AskAsync(HttpMethod.Get, $"api/v1/commands?limit={PageSize}{(after is null ? "" : $"&after={after}")}", null, cancellation);
            foreach (var command in page!["items"]!.AsArray())
            {
                if (NumberOf(command!["request_id"]!.GetValue<string>()) is { } which)
                {
                    states[which] = command["state"]!.GetValue<string>();
                }
            }

            after = page["next"]?.GetValue<string>();
        }
        while (after is not null && states.Count < Queued);
        return states;
    }

    /// <summary>All commands that were queued and not refused.</summary>
    public IEnumerable<(int Device, int Number)> All() =>
        from device in Enumerable.Range(0, settings.Devices)
        from number in Enumerable.Range(0, _queued[device])
        where !IsRefused(device, number)
        select (device, number);

    private bool IsRefused(int device, int number)
    {
        lock (_refused)
        {
            return _refused.Contains((device, number));
        }
    }

    // Round by round, so that each device has its first before any has its second. One that the gateway does not know yet comes later.
    private async Task<int> QueueAsync(Queue<int> waiting, long count, CancellationToken cancellation)
    {
        var batch = new List<(int Device, int Number)>();
        for (var look = waiting.Count; look > 0 && batch.Count < Math.Min(count, MostInBatch); look--)
        {
            var device = waiting.Dequeue();
            if (fleet.Devices[device].IsKnown)
            {
                batch.Add((device, _queued[device]));
            }
            else
            {
                waiting.Enqueue(device);
            }
        }

        if (batch.Count == 0)
        {
            return 0;
        }

        // The commands may be applied before the gateway has said that it took them.
        foreach (var (device, number) in batch)
        {
            Volatile.Write(ref _queued[device], number + 1);
            if (number + 1 < settings.CommandsPerDevice)
            {
                waiting.Enqueue(device);
            }
        }

        var body = string.Join('\n', batch.Select(command => BodyOf(command.Device, command.Number).ToJsonString()));
        using var content = new StringContent(body, Encoding.UTF8, "application/x-ndjson");
        var answer = await gateway.SendAsync(
            new GatewayRequest(HttpMethod.Post, "api/v1/commands/batch", content), async response => JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellation)), cancellation);
        foreach (var (command, result) in batch.Zip(answer!["results"]!.AsArray()))
        {
            if (result!["status"]!.GetValue<int>() is not (200 or 201))
            {
                Refuse(command, result["detail"]?.GetValue<string>() ?? "no reason was given");
            }
        }

        return batch.Count;
    }

    private void Refuse((int Device, int Number) command, string why)
    {
        lock (_refused)
        {
            _refused.Add(command);
        }

        Refused++;
        if (Refusals.Count < FleetVerdict.Examples)
        {
            Refusals.Add($"{fleet.Devices[command.Device].Model.DeviceId}: {why}");
        }
    }

    private JsonObject BodyOf(int device, int number)
    {
        var command = fleet.Devices[device].Model.CommandFor(number)!;
        return new JsonObject
        {
            ["request_id"] = string.Create(CultureInfo.InvariantCulture, $"{_prefix}{device}-{number}"),
            ["device_id"] = fleet.Devices[device].Model.DeviceId,
            ["command_type"] = command.Type,
            ["payload"] = command.Payload,
            ["confirm"] = CommandConfirmName,
            ["max_attempts"] = MostAttempts,
        };
    }

    private const string CommandConfirmName = "script";

    private (int Device, int Number)? NumberOf(string requestId) =>
        requestId.StartsWith(_prefix, StringComparison.Ordinal)
        && requestId[_prefix.Length..].Split('-') is [var device, var number]
        && int.TryParse(device, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var which)
            ? (at, which)
            : null;
}
