using CsCheck;
using Gateway.Sinks;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Sinks;

internal sealed class BackOffTests
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Test]
    public void The_wait_doubles_up_to_the_limit_and_is_at_most_halved_by_chance() => Gen.Int.Sample(seed =>
    {
        var backOff = New(new Random(seed));
        foreach (var full in (double[])[0.5, 1, 2, 4, 8, 16, 30, 30, 30])
        {
            Assert.That(backOff.Next().TotalSeconds, Is.InRange(full / 2, full));
        }
    });

    [Test]
    public void Two_that_fail_together_do_not_come_back_together() =>
        Assert.That(New(new Random(1)).Next(), Is.Not.EqualTo(New(new Random(2)).Next()));

    [Test]
    public void After_a_success_the_wait_is_short_again()
    {
        var backOff = New(new Random(1));
        for (var i = 0; i < 10; i++)
        {
            backOff.Next();
        }

        backOff.Reset();

        Assert.That(backOff.Next(), Is.LessThanOrEqualTo(First));
    }

    [Test]
    public void The_wait_is_by_the_given_clock()
    {
        var time = new FakeTimeProvider();
        var waiting = new BackOff(time, new Random(1), First, Limit).WaitAsync(TimeSpan.FromHours(1), CancellationToken.None);
        Assert.That(waiting.IsCompleted, Is.False);

        time.Advance(TimeSpan.FromHours(1));

        Assert.That(waiting.IsCompletedSuccessfully);
    }

    private static BackOff New(Random chance) => new(new FakeTimeProvider(), chance, First, Limit);
}
