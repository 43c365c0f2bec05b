using System.Net;
using Gateway.Coap;

namespace Gateway.Tests.Coap;

/// <summary>What the engine remembers of the requests that came, and that it does not remember more.</summary>
internal sealed class DuplicateCacheTests
{
    private static readonly Peer Device = Peer.From(IPEndPoint.Parse("192.0.2.1:40000"));

    [TestCase(4)]
    [TestCase(1000)]
    public void The_cache_knows_the_newest_up_to_its_capacity_and_no_more(int capacity)
    {
        var cache = new DuplicateCache(capacity);
        for (var number = 0; number < 3 * capacity; number++)
        {
            cache.Remember(cache.Add(Key(number), expiresAt: long.MaxValue, now: 0), BitConverter.GetBytes(number));
        }

        Assert.That(cache.Count, Is.EqualTo(capacity));
        for (var number = 0; number < 3 * capacity; number++)
        {
            var known = cache.TryFind(Key(number), now: 0, out var acknowledgement);
            Assert.That(known, Is.EqualTo(number >= 2 * capacity));
            Assert.That(acknowledgement, known ? Is.EqualTo(BitConverter.GetBytes(number)) : Is.Null);
        }
    }

    [Test]
    public void An_answer_that_comes_when_its_request_is_forgotten_is_not_kept_for_another()
    {
        var cache = new DuplicateCache(1);
        var first = cache.Add(Key(1), expiresAt: 10, now: 0);
        cache.Add(Key(2), expiresAt: 10, now: 0);
        cache.Remember(first, [1]);

        Assert.That(cache.TryFind(Key(2), now: 0, out var acknowledgement), Is.True);
        Assert.That(acknowledgement, Is.Null);
    }

    [Test]
    public void A_key_that_is_used_again_after_its_time_outlives_the_first_use()
    {
        var cache = new DuplicateCache(3);
        cache.Add(Key(1), expiresAt: 100, now: 0);
        cache.Add(Key(2), expiresAt: 10, now: 0);
        cache.Add(Key(2), expiresAt: 200, now: 20);
        cache.Add(Key(3), expiresAt: 200, now: 100);

        Assert.That(cache.TryFind(Key(2), now: 100, out _), Is.True);
    }

    private static ExchangeKey Key(int number) => ExchangeKey.Of(Device, new MessageId((ushort)number), BitConverter.GetBytes(number));
}
