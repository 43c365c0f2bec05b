using BenchmarkDotNet.Attributes;
using Gateway.Commands;
using Gateway.Devices;

namespace Gateway.Bench;

/// <summary>What a frame asks of the index of commands, with very many waiting for other devices; and what a command takes there.</summary>
[MemoryDiagnoser]
public class CommandBenchmark
{
    private const int Devices = 500_000;

    private readonly CommandIndex _index = new();
    private readonly DeviceId _without = DeviceId.Parse("without");
    private readonly DeviceId _with = DeviceId.Parse(NameOf(Devices / 2));
    private readonly DateTimeOffset _now = DateTimeOffset.UnixEpoch;
    private QueuedCommand _another = null!;

    /// <summary>Queues one command for each device.</summary>
    [GlobalSetup]
    public void Setup()
    {
        for (var i = 0; i < Devices; i++)
        {
            _index.Put(Waiting(NameOf(i)));
        }

        _another = Waiting("another");
    }

    /// <summary>Nearly every frame asks this, and no more: is there anything for the device? There is not.</summary>
    [Benchmark(Baseline = true)]
    public bool NothingWaits() => _index.HasAny(_without);

    /// <summary>Which command goes next to a device that has one.</summary>
    [Benchmark]
    public bool Next() => _index.Of(_with, 1, _now).HasLater;

    /// <summary>A command comes, and goes again.</summary>
    [Benchmark]
    public int ComeAndGo()
    {
        _index.Put(_another);
        _index.Put(_another with { State = CommandState.Cancelled });
        return _index.Count;
    }

    internal static QueuedCommand Waiting(string device) => new()
    {
        RequestId = $"command-{device}",
        Device = DeviceId.Parse(device),
        CommandType = "config_update",
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch,
        Request = Encoding.UTF8.GetBytes($$$"""{"device_id":"{{{device}}}","command_type":"config_update","payload":{"measurement_period_base":60,"transmission_interval":3600}}"""),
    };

    internal static string NameOf(int device) => string.Create(CultureInfo.InvariantCulture, $"282c{device:x8}");
}
