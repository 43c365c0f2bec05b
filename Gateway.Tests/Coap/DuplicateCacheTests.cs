using System.Net;
using Gateway.Coap;

namespace Gateway.Tests.Coap;

/// <summary>What the duplicate cache remembers, and what it forgets first.</summary>
internal sealed class DuplicateCacheTests
{
    private const long Never = long.MaxValue;

    private static readonly Peer One = Peer.From(IPEndPoint.Parse("192.0.2.1:1000"));
    private static readonly Peer Other = Peer.From(IPEndPoint.Parse("192.0.2.1:1001"));

    [TestCase(4)]
    [TestCase(1000)]
    public void It_knows_the_newest_up_to_its_capacity_and_no_more(int capacity)
    {
        var cache = new DuplicateCache(capacity, capacity);
        for (var number = 0; number < 3 * capacity; number++)
        {
            cache.Remember(Add(cache, One, number), BitConverter.GetBytes(number));
        }

        Assert.That(cache.Count, Is.EqualTo(capacity));
        Assert.That(cache.Evicted + cache.EvictedOfPeer, Is.EqualTo(2 * capacity));
        for (var number = 0; number < 3 * capacity; number++)
        {
            Assert.That(Answer(cache, One, number), number >= 2 * capacity ? Is.EqualTo(BitConverter.GetBytes(number)) : Is.Null);
        }
    }

    [Test]
    public void A_peer_that_asks_too_much_forgets_its_own_and_nobody_elses()
    {
        var cache = new DuplicateCache(100, 10);
        Add(cache, Other, 7);
        for (var number = 0; number < 1000; number++)
        {
            Add(cache, One, number);
        }

        Assert.That(cache.Count, Is.EqualTo(11));
        Assert.That(cache.EvictedOfPeer, Is.EqualTo(990));
        Assert.That(Answer(cache, Other, 7), Is.Not.Null);
        Assert.That(Answer(cache, One, 989), Is.Null);
        Assert.That(Answer(cache, One, 990), Is.Not.Null);
    }

    [Test]
    public void A_peer_is_forgotten_with_its_last_request()
    {
        var cache = new DuplicateCache(100, 10);
        Add(cache, One, 1, expiresAt: 10);
        Add(cache, Other, 1, expiresAt: 20);
        Assert.That(cache.Peers.Count, Is.EqualTo(2));

        Add(cache, Other, 2, now: 15);
        Assert.That(cache.Peers.Count, Is.EqualTo(1));
        Assert.That(cache.Evicted + cache.EvictedOfPeer, Is.Zero, "its time was over");
    }

    [Test]
    public void An_answer_that_comes_when_its_request_is_forgotten_is_not_kept_for_another()
    {
        var cache = new DuplicateCache(1, 1);
        var first = Add(cache, One, 1);
        Add(cache, One, 2);
        cache.Remember(first, [1]);

        Assert.That(Answer(cache, One, 2), Is.Empty);
    }

    [Test]
    public void A_key_that_is_used_again_after_its_time_outlives_the_first_use()
    {
        var cache = new DuplicateCache(3, 3);
        Add(cache, One, 1, expiresAt: 100);
        Add(cache, One, 2, expiresAt: 10);
        Add(cache, One, 2, expiresAt: 200, now: 20);
        Add(cache, One, 3, expiresAt: 200, now: 100);

        Assert.That(Answer(cache, One, 2, now: 100), Is.Not.Null);
    }

    [Test]
    public void It_remembers_what_a_plain_list_would()
    {
        const int Capacity = 37;
        const int PerPeer = 9;
        var random = new Random(5);
        var cache = new DuplicateCache(Capacity, PerPeer);
        var model = new List<(Peer Peer, int Number, long ExpiresAt)>();
        for (var now = 0L; now < 20_000; now++)
        {
            var peer = Peer.From(new IPEndPoint(IPAddress.Loopback, 1000 + random.Next(12)));
            var number = random.Next(60);
            var known = model.Any(entry => entry.Peer == peer && entry.Number == number && entry.ExpiresAt > now);
            Assert.That(Answer(cache, peer, number, now), known ? Is.Not.Null : Is.Null);
            if (known)
            {
                continue;
            }

            var expiresAt = now + (random.Next(2) == 0 ? 40 : 70);
            Add(cache, peer, number, expiresAt, now);
            while (model.Count > 0 && model[0].ExpiresAt <= now)
            {
                model.RemoveAt(0);
            }

            if (model.Count == Capacity)
            {
                model.RemoveAt(0);
            }

            if (model.Count(entry => entry.Peer == peer) == PerPeer)
            {
                model.Remove(model.First(entry => entry.Peer == peer));
            }

            model.Add((peer, number, expiresAt));
            Assert.That(cache.Count, Is.EqualTo(model.Count));
            Assert.That(cache.Peers.Count, Is.EqualTo(model.Select(entry => entry.Peer).Distinct().Count()));
        }
    }

    private static long Add(DuplicateCache cache, Peer peer, int number, long expiresAt = Never, long now = 0) =>
        cache.Add(peer, HashOf(peer, number), expiresAt, now);

    // What acknowledged the request; empty when nothing did, null when the request is not known.
    private static byte[]? Answer(DuplicateCache cache, Peer peer, int number, long now = 0)
    {
        var buffer = new byte[100];
        var slot = cache.Find(cache.Peers.Find(peer, SeededHash.Of(peer)), HashOf(peer, number).Whole, now);
        return slot == DuplicateCache.None ? null : buffer[..cache.CopyAnswer(slot, buffer)];
    }

    private static DatagramHash HashOf(Peer peer, int number) =>
        new(SeededHash.Of(peer), SeededHash.Of(SeededHash.Of(peer), BitConverter.GetBytes(number)));
}
