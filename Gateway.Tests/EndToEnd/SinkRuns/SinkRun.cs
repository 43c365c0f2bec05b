using System.Globalization;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd.SinkRuns;

/// <summary>A run: devices send to the gateway's process, and now and then something in it, behind it or in between goes down.</summary>
internal sealed class SinkRun : IAsyncDisposable
{
    private const int Devices = 20;

    // The wire, the server or the gateway may be busy for long on a machine that is; but something must go on.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private readonly TempFolder _folder = new();
    private readonly HttpClient _http = new();
    private readonly CancellationTokenSource _end = new();
    private readonly ISinkServer _server;
    private readonly TcpLink? _link;
    private readonly PatientDevice[] _devices;
    private readonly int _coapPort = FreePort.Udp();
    private readonly int _uplinks;
    private GatewayProcess? _gateway;
    private volatile int _life = 1;

    public SinkRun(ISinkServer server, int uplinks)
    {
        (_server, _uplinks) = (server, uplinks);
        _link = server.Port is { } port ? new TcpLink(port) : null;
        _devices = [.. Enumerable.Range(0, Devices).Select(i => new PatientDevice(string.Create(CultureInfo.InvariantCulture, $"d{i}"), _coapPort, () => _life))];
    }

    public Ledger Ledger { get; } = new();

    /// <summary>How many frames are acknowledged.</summary>
    private int Acknowledged => _devices.Sum(device => device.Acknowledged);

    /// <summary>Sends all, a part of it around each disturbance, and waits until the sink has nothing left to deliver.</summary>
    public async Task RunAsync(IReadOnlyList<Disturbance> disturbances)
    {
        await _server.StartAsync(_link?.Port ?? 0);
        await StartGatewayAsync();
        for (var i = 0; i < disturbances.Count; i++)
        {
            await DisturbAsync(disturbances[i], _uplinks * (i + 1) / (disturbances.Count + 1));
        }

        await AcknowledgedAsync(_uplinks, SendUpToAsync(_uplinks));
        await DrainedAsync();
        await ProgressAsync(ArrivedAsync, () => Ledger.Distinct, "all that was delivered is read");
        Ledger.IsWhole(_devices);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _gateway?.Dispose();
        foreach (var device in _devices)
        {
            device.Dispose();
        }

        if (_link is not null)
        {
            await _link.DisposeAsync();
        }

        await _server.DisposeAsync();
        _http.Dispose();
        _folder.Dispose();
        _end.Dispose();
    }

    private async Task StartGatewayAsync()
    {
        var sink = $$"""{"run": { {{_server.Settings(_link?.Port ?? 0)}}, "retry": { "first_wait_seconds": 0.05, "longest_wait_seconds": 0.5 } } }""";
        _gateway = await GatewayProcess.StartAsync(_folder, string.Create(CultureInfo.InvariantCulture, $"coap.port={_coapPort}"), $"sinks={sink}");
    }

    /// <summary>All devices send until so many frames are acknowledged.</summary>
    private Task SendUpToAsync(int frames) => Task.WhenAll(_devices.Select(
        (device, i) => Task.Run(() => device.SendMoreAsync((frames / Devices) + (i < frames % Devices ? 1 : 0) - device.Acknowledged, _end.Token))));

    private async Task DisturbAsync(Disturbance disturbance, int frames)
    {
        if (disturbance is Disturbance.Restart)
        {
            // It is away until the sink has failed, and the devices go on.
            var failures = await MetricAsync("gateway_sink_failures_total");
            await _server.StopAsync();
            var meanwhile = SendUpToAsync(frames);
            await ProgressAsync(async () => await MetricAsync("gateway_sink_failures_total") > failures, () => Acknowledged, "the sink has failed");
            await _server.StartAsync(_link?.Port ?? 0);
            await AcknowledgedAsync(frames, meanwhile);
            return;
        }

        var sending = SendUpToAsync(frames);
        await AcknowledgedAsync((Acknowledged + frames) / 2, sending);
        if (disturbance is Disturbance.Cut)
        {
            _link?.Break();
        }
        else
        {
            _gateway!.Dispose();
            _life++;
            await StartGatewayAsync();
        }

        await AcknowledgedAsync(frames, sending);
    }

    private Task AcknowledgedAsync(int frames, Task sending) => ProgressAsync(
        async () =>
        {
            if (sending.IsFaulted)
            {
                await sending;
            }

            return Acknowledged >= frames;
        },
        () => Acknowledged,
        $"{frames} frames are acknowledged");

    private async Task DrainedAsync()
    {
        var lag = -1L;
        await ProgressAsync(async () => (lag = await MetricAsync("gateway_sink_lag")) == 0, () => lag, "the sink has delivered all");
    }

    /// <summary>What the gateway says of the sink on /metrics; 0 when it has nothing to say.</summary>
    private async Task<long> MetricAsync(string name)
    {
        var metrics = await _http.GetStringAsync(new Uri($"{_gateway!.ApiAddress}/metrics"));
        var line = metrics.Split('\n').FirstOrDefault(line => line.StartsWith(name + "{", StringComparison.Ordinal) && line.Contains("sink=\"run\"", StringComparison.Ordinal));
        return line is null ? 0 : (long)double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
    }

    private async Task<bool> ArrivedAsync()
    {
        foreach (var (body, id) in await _server.TakeArrivedAsync())
        {
            Ledger.Add(body, id);
        }

        return Ledger.Distinct == _uplinks;
    }

    /// <summary>Waits for a condition as long as something moves on its way there.</summary>
    private static async Task ProgressAsync(Func<Task<bool>> condition, Func<long> progress, string name)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var (last, since) = (long.MinValue, TimeProvider.System.GetTimestamp());
        while (!await condition())
        {
            if (progress() != last)
            {
                (last, since) = (progress(), TimeProvider.System.GetTimestamp());
            }
            else if (TimeProvider.System.GetElapsedTime(since) > Longest)
            {
                throw new AssertionException($"nothing moved for {Longest.TotalSeconds} s, at {last}, while it was waited for: {name}");
            }

            await timer.WaitForNextTickAsync();
        }
    }
}
