using Gateway.Journal;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Journal;

/// <summary>When it is worth while to wait for more frames.</summary>
internal sealed class FramePaceTests
{
    private readonly FakeTimeProvider _time = new();

    [TestCase(100, false)]
    [TestCase(1_900, false)]
    [TestCase(2_100, true)]
    [TestCase(20_000, true)]
    public void It_is_fast_from_two_thousand_a_second_on(int frames, bool expected)
    {
        var pace = new FramePace(_time);
        Come(pace, groups: 200, each: 1, frames);

        Assert.That(pace.IsFast, Is.EqualTo(expected));
    }

    [Test]
    public void Some_that_come_together_now_and_then_are_not_fast()
    {
        var pace = new FramePace(_time);
        Come(pace, groups: 100, each: 5, frames: 500);

        Assert.That(pace.IsFast, Is.False);
    }

    [Test]
    public void A_burst_is_fast_once_it_goes_on_and_no_longer_when_it_is_over()
    {
        var pace = new FramePace(_time);
        _time.Advance(TimeSpan.FromMinutes(1));
        pace.Note(100);
        Assert.That(pace.IsFast, Is.False, "the minute before counts");

        Come(pace, groups: 20, each: 1, frames: 10_000);
        Assert.That(pace.IsFast, Is.True);

        Come(pace, groups: 20, each: 1, frames: 100);
        Assert.That(pace.IsFast, Is.False);
    }

    // At so many frames a second.
    private void Come(FramePace pace, int groups, int each, int frames)
    {
        for (var group = 0; group < groups; group++)
        {
            _time.Advance(TimeSpan.FromSeconds((double)each / frames));
            pace.Note(each);
        }
    }
}
