using Gateway.Devices;
using Gateway.Tests.Support;
using Gateway.Uplink;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Uplink;

internal sealed class FailureLogTests
{
    private FakeTimeProvider _time = null!;
    private RecordedLog<FailureLog> _log = null!;

    [SetUp]
    public void Begin() => (_time, _log) = (new FakeTimeProvider(), new RecordedLog<FailureLog>());

    [Test]
    public void A_broken_script_is_told_of_now_and_then_with_how_often_it_failed()
    {
        var failures = new FailureLog(_time, _log);

        for (var second = 0; second < 21; second++)
        {
            failures.Report($"r{second}", "a.csx", DeviceId.Parse("d"), "a bug");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(_log.Lines, Has.Length.EqualTo(3));
        Assert.That(_log.Lines[0], Does.Contain("a bug").And.Contain("r0").And.EndsWith("0 more since it was last told of"));
        Assert.That(_log.Lines[1], Does.Contain("r10").And.EndsWith("9 more since it was last told of"));
    }

    [Test]
    public void A_full_disk_is_told_of_now_and_then_with_how_many_frames_it_cost()
    {
        var failures = new FailureLog(_time, _log);

        for (var frame = 0; frame < 50; frame++)
        {
            failures.ReportNotDurable($"r{frame}", "[::1]:5683", new IOException("no room"));
        }

        _time.Advance(TimeSpan.FromSeconds(10));
        failures.ReportNotDurable("r50", "[::1]:5683", new IOException("no room"));

        Assert.That(_log.Lines, Has.Length.EqualTo(2));
        Assert.That(_log.Lines[1], Does.StartWith("Error: r50: ").And.EndsWith("49 more since it was last told of"));
    }

    [Test]
    public void One_scripts_failures_hide_no_others()
    {
        var failures = new FailureLog(_time, _log);

        failures.Report("r1", "a.csx", DeviceId.None, "a bug");
        failures.Report("r2", "b.csx", DeviceId.None, "another");

        Assert.That(_log.Lines, Has.Length.EqualTo(2));
    }
}
