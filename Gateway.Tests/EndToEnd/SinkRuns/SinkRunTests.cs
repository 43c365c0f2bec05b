using System.Diagnostics;
using System.Globalization;

namespace Gateway.Tests.EndToEnd.SinkRuns;

/// <summary>
/// The whole way from a device to the user's system, while everything behind the device goes down now and then: what was acknowledged
/// arrives, in order, and what comes twice can be told by its id. docs/testing.md has the command of the long run.
/// </summary>
[Platform("Linux")]
internal sealed class SinkRunTests
{
    private static readonly int Uplinks = Setting("SINK_UPLINKS", 300);
    private static readonly int Restarts = Setting("SINK_RESTARTS", 1);
    private static readonly int Cuts = Setting("SINK_CUTS", 1);
    private static readonly int Kills = Setting("SINK_KILLS", 1);

    [TestCase("file")]
    [TestCase("http")]
    [TestCase("mqtt")]
    [TestCase("kafka")]
    [TestCase("postgresql")]
    [TestCase("nats")]
    public async Task What_was_acknowledged_arrives_in_order_whatever_goes_down(string kind)
    {
        Disturbance[] disturbances =
        [
            .. Enumerable.Repeat(Disturbance.Restart, Restarts), .. Enumerable.Repeat(Disturbance.Cut, Cuts), .. Enumerable.Repeat(Disturbance.Kill, Kills),
        ];
        new Random(20260102).Shuffle(disturbances);
        var clock = Stopwatch.StartNew();
        await using var run = new SinkRun(ServerOf(kind), Uplinks);

        await run.RunAsync(disturbances);

        TestContext.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{kind}: {Uplinks} uplinks in {clock.Elapsed.TotalSeconds:0} s; {run.Ledger.Duplicates} messages came more often than once"));
    }

    // One line, and one small class, for each kind of server.
    private static ISinkServer ServerOf(string kind) => kind switch
    {
        "file" => new FileServer(),
        "http" => new HttpServer(),
        "mqtt" => new MqttServer(),
        "kafka" => new KafkaServer(),
        "postgresql" => new PostgreSqlServer(),
        "nats" => new JetStreamServer(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "there is no such server"),
    };

    private static int Setting(string name, int value) =>
        Environment.GetEnvironmentVariable(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : value;
}
