using Gateway.Coap;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Coap;

/// <summary>The bucket in one number, against a bucket that counts.</summary>
internal sealed class TokenBucketTests
{
    private static readonly FakeTimeProvider Time = new();

    [TestCase(10, 1)]
    [TestCase(10, 5)]
    [TestCase(3, 7)]
    [TestCase(0.5, 2)]
    [TestCase(1_000_000, 1_000_000)]
    public void It_gives_what_a_bucket_that_counts_would_give(double perSecond, int burst)
    {
        var rate = TokenRate.Of(Time, perSecond, burst);
        var (bucket, random) = (default(TokenBucket), new Random(burst));
        var (full, level) = (rate.Interval * burst, rate.Interval * burst);
        var (now, taken) = (1_000_000L, 0);
        for (var attempt = 0; attempt < 20_000; attempt++)
        {
            var passed = random.NextInt64(rate.Interval * 2);
            (now, level) = (now + passed, Math.Min(full, level + passed));
            var expected = level >= rate.Interval;
            level -= expected ? rate.Interval : 0;
            taken += expected ? 1 : 0;

            Assert.That(bucket.HasToken(rate, now), Is.EqualTo(expected));
            Assert.That(bucket.TryTake(rate, now), Is.EqualTo(expected));
        }

        Assert.That(taken, Is.GreaterThan(1_000));
    }

    // The widest that the settings allow, and beyond: no product or sum of it may turn negative and open the gate for good.
    [TestCase(1e-300, 10_000_000)]
    [TestCase(1e-9, 1)]
    [TestCase(1e-9, 10_000_000)]
    [TestCase(0.0001, 10_000_000)]
    [TestCase(10_000_000, 10_000_000)]
    public void It_gives_out_in_the_end_whatever_the_settings_say(double perSecond, int burst)
    {
        var rate = TokenRate.Of(Time, perSecond, burst);
        var (bucket, taken) = (default(TokenBucket), 0);
        while (taken <= burst && bucket.TryTake(rate, now: 5))
        {
            taken++;
        }

        Assert.That(taken, Is.InRange(1, burst));
        Assert.That(bucket.TryTake(rate, now: 5), Is.False);
    }
}
