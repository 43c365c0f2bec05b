using System.Net;
using System.Text.Json.Nodes;
using Gateway.Devices;
using Gateway.Telemetry;
using Microsoft.Extensions.Logging;
using NLog.Targets;

namespace Gateway.Tests.Telemetry;

/// <summary>What is written to the log, and how.</summary>
internal sealed partial class LogTests
{
    private MemoryTarget _written = null!;
    private ILoggerFactory _loggers = null!;
    private LogLevelSwitch _levels = null!;

    [TearDown]
    public void Close()
    {
        _loggers.Dispose();
        _written.Dispose();
    }

    [Test]
    public void Json_is_an_object_on_a_line_with_the_values_by_name()
    {
        Open(new LogSettings { Format = LogFormat.Json });

        Said(_loggers.CreateLogger("Gateway.Uplink.Somebody"), DeviceId.Parse("d-1"), "a\"b\n", IPEndPoint.Parse("192.0.2.1:5"), 3, new InvalidOperationException("a line\nanother"));

        var line = _written.Logs.Single();
        var entry = JsonNode.Parse(line)!;
        Assert.That(line, Does.Not.Contain("\n"));
        Assert.That(DateTimeOffset.Parse(entry["time"]!.GetValue<string>()).Offset, Is.EqualTo(TimeSpan.Zero));
        Assert.That(
            new[] { "level", "category", "event", "message" }.Select(name => entry[name]!.GetValue<string>()),
            Is.EqualTo(["warn", "Gateway.Uplink.Somebody", "Said", "d-1 said \"a\"b\n\" from 192.0.2.1:5, 3 times"]));
        Assert.That(entry["event_id"]!.GetValue<int>(), Is.EqualTo(1602));
        Assert.That(entry["values"]!["Device"]!.GetValue<string>(), Is.EqualTo("d-1"));
        Assert.That(entry["values"]!["Peer"]!.GetValue<string>(), Is.EqualTo("192.0.2.1:5"));
        Assert.That(entry["values"]!["Count"]!.GetValue<int>(), Is.EqualTo(3));
        Assert.That(entry["exception"]!.GetValue<string>(), Does.Contain("another"));
    }

    [Test]
    public void Text_is_a_line_for_people()
    {
        Open(new LogSettings());

        Tell(_loggers.CreateLogger("Gateway.Uplink.Somebody"), "hello");

        Assert.That(_written.Logs.Single(), Does.Match(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} INFO  Somebody: ""?hello""?$"));
    }

    [Test]
    public void A_category_has_the_level_of_the_longest_name_that_it_begins_with()
    {
        Open(new LogSettings
        {
            Level = LogVerbosity.Warn,
            Levels = new Dictionary<string, LogVerbosity> { ["Gateway.Coap"] = LogVerbosity.Debug, ["Gateway.Coap.Noisy"] = LogVerbosity.Error, ["Microsoft.AspNetCore"] = LogVerbosity.Info },
        });

        string[] categories = ["Gateway.Coap.Server", "Gateway.Coap.Noisy", "Gateway.Uplink.Handler", "Microsoft.AspNetCore.Routing", "Microsoft.Hosting", DeviceTraces.Category];
        Assert.That(categories.Select(LeastOf), Is.EqualTo([LogLevel.Debug, LogLevel.Error, LogLevel.Warning, LogLevel.Information, LogLevel.Warning, LogLevel.Information]));
    }

    [Test]
    public void Levels_change_while_the_log_is_written_and_nothing_is_written_twice()
    {
        Open(new LogSettings());
        var log = _loggers.CreateLogger("Gateway.Coap.Server");
        Mutter(log, "before");

        _levels.Use(new LogSettings { Levels = new Dictionary<string, LogVerbosity> { ["Gateway.Coap"] = LogVerbosity.Trace } });
        Mutter(log, "while");
        _levels.Use(new LogSettings());
        Mutter(log, "after");

        Assert.That(_written.Logs.Select(line => line.Split(": ")[^1]), Is.EqualTo(["while"]));
    }

    [LoggerMessage(1602, LogLevel.Warning, "{Device} said \"{Word}\" from {Peer}, {Count} times")]
    private static partial void Said(ILogger log, DeviceId device, string word, IPEndPoint peer, int count, Exception exception);

    [LoggerMessage(1, LogLevel.Information, "{Word}")]
    private static partial void Tell(ILogger log, string word);

    [LoggerMessage(2, LogLevel.Debug, "{Word}")]
    private static partial void Mutter(ILogger log, string word);

    private void Open(LogSettings settings)
    {
        _written = new MemoryTarget("memory") { Layout = GatewayLogging.LayoutOf(settings.Format) };
        _loggers = LoggerFactory.Create(logging => _levels = logging.AddGatewayLogging(settings, _written));
    }

    private LogLevel LeastOf(string category)
    {
        var log = _loggers.CreateLogger(category);
        return Enum.GetValues<LogLevel>().First(log.IsEnabled);
    }
}
