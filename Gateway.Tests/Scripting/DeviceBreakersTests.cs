using Gateway.Scripting;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Scripting;

/// <summary>A version is not called again and again for a device on whose frames it has to be stopped.</summary>
internal sealed class DeviceBreakersTests
{
    private FakeTimeProvider _time = null!;
    private DeviceBreakers _breakers = null!;

    [SetUp]
    public void SetUp()
    {
        _time = new FakeTimeProvider();
        _breakers = new DeviceBreakers(_time);
    }

    [Test]
    public void It_opens_after_stops_in_a_row_for_that_device_alone()
    {
        Stop("a", DeviceBreakers.Stops - 1);
        Assert.That(_breakers.OpenUntil("a"), Is.Null);

        Stop("a", 1);

        Assert.That(_breakers.OpenUntil("a"), Is.EqualTo(_time.GetUtcNow() + DeviceBreakers.Pause));
        Assert.That(_breakers.OpenUntil("b"), Is.Null);
        Assert.That(_breakers.Open, Is.EqualTo(["a"]));
    }

    [Test]
    public void A_frame_that_is_read_begins_the_count_anew()
    {
        Stop("a", DeviceBreakers.Stops - 1);
        _breakers.Finished("a");
        Stop("a", DeviceBreakers.Stops - 1);

        Assert.That(_breakers.OpenUntil("a"), Is.Null);
    }

    [Test]
    public void After_the_pause_one_frame_is_let_through_and_closes_it_or_not()
    {
        Stop("a", DeviceBreakers.Stops);
        _time.Advance(DeviceBreakers.Pause);

        Assert.That(_breakers.OpenUntil("a"), Is.Null, "the trial");
        Assert.That(_breakers.OpenUntil("a"), Is.Not.Null, "a second while the trial is under way");

        Stop("a", 1);
        Assert.That(_breakers.OpenUntil("a"), Is.Not.Null);

        _time.Advance(DeviceBreakers.Pause);
        Assert.That(_breakers.OpenUntil("a"), Is.Null);
        _breakers.Finished("a");
        Assert.That((_breakers.OpenUntil("a"), _breakers.Open.Count), Is.EqualTo(((DateTimeOffset?)null, 0)));
    }

    [Test]
    public void It_does_not_grow_without_end()
    {
        for (var i = 0; i < 11_000; i++)
        {
            Stop($"{i}", DeviceBreakers.Stops);
        }

        Assert.That(_breakers.Open, Has.Count.EqualTo(10_000));
        Assert.That(_breakers.OpenUntil("10999"), Is.Null);
    }

    private void Stop(string device, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _breakers.Stopped(device);
        }
    }
}
