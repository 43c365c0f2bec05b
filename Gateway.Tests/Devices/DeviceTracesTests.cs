using Gateway.Devices;
using Gateway.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Devices;

/// <summary>Traces are bounded in time and number.</summary>
internal sealed class DeviceTracesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RecordedLog _log = new();
    private ILoggerFactory _loggers = null!;
    private DeviceTraces _traces = null!;

    [SetUp]
    public void Open()
    {
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(_log));
        _traces = new DeviceTraces(_time, _loggers);
    }

    [TearDown]
    public void Close()
    {
        _traces.Dispose();
        _loggers.Dispose();
    }

    [Test]
    public void A_trace_ends_by_itself_and_a_new_one_counts_from_then()
    {
        var device = DeviceId.Parse("d-1");
        _traces.Start(device, TimeSpan.FromSeconds(10));
        _time.Advance(TimeSpan.FromSeconds(9));
        _traces.Start(device, TimeSpan.FromSeconds(10));

        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.That(_traces.Until(device), Is.EqualTo(_time.GetUtcNow() + TimeSpan.FromSeconds(1)));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(_traces.Until(device), Is.Null);
        Assert.That(_traces.Stop(device), Is.False);
    }

    [Test]
    public void So_many_are_traced_and_no_more_until_one_ends()
    {
        for (var i = 0; i < DeviceTraces.Most; i++)
        {
            Assert.That(_traces.Start(DeviceId.Parse($"d-{i}"), DeviceTraces.Longest), Is.Not.Null);
        }

        var late = DeviceId.Parse("late");
        Assert.That(_traces.Start(late, DeviceTraces.Longest), Is.Null);
        Assert.That(_traces.Start(DeviceId.Parse("d-0"), DeviceTraces.Longest), Is.Not.Null, "one that is traced may go on");
        Assert.That(_traces.Stop(DeviceId.Parse("d-0")), Is.True);
        Assert.That(_traces.Start(late, DeviceTraces.Longest), Is.Not.Null);
    }

    [Test]
    public void Only_the_device_that_is_traced_is_logged()
    {
        _traces.Start(DeviceId.Parse("d-1"), DeviceTraces.Longest);

        _traces.Pushed(DeviceId.Parse("d-1"), "request", new byte[] { 0xCA, 0xFE });
        _traces.Pushed(DeviceId.Parse("d-2"), "request", new byte[] { 0xBA, 0xBE });

        Assert.That(_log.Entries.Select(entry => entry.Text), Has.Some.Contains("cafe").And.None.Contains("babe"));
    }
}
