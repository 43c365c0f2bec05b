using CsCheck;
using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc9175;

/// <summary>The table of verified peers against one that is written as it is thought: a list in the order of the last look.</summary>
internal sealed class VerifiedPeersTests
{
    private const int Capacity = 5;
    private const long Lifetime = 20;

    private static readonly Gen<(bool Add, ushort Port, int Wait)> Step = Gen.Select(Gen.Bool, Gen.UShort[1, 8], Gen.Int[0, 6]);

    [Test]
    public void Who_is_in_it_is_who_should_be() => Step.Array[0, 200].Sample(steps =>
    {
        var table = new VerifiedPeers(Capacity, Lifetime);
        var model = new Model();
        var now = 0L;
        foreach (var (add, port, wait) in steps)
        {
            now += wait;
            if (add)
            {
                table.Add(PeerAt(port), now);
                model.Add(port, now);
            }
            else
            {
                Assert.That(table.Contains(PeerAt(port), now), Is.EqualTo(model.Contains(port, now)), $"port {port} at {now}");
            }

            Assert.That(table.CountAt(now), Is.LessThanOrEqualTo(Capacity));
        }
    });

    [Test]
    public void A_flood_of_peers_takes_no_more_room_than_there_is()
    {
        var table = new VerifiedPeers(100, Lifetime);
        for (var port = 1; port <= 10_000; port++)
        {
            table.Add(PeerAt((ushort)port), 0);
        }

        Assert.That(table.CountAt(0), Is.EqualTo(100));
        Assert.That(table.Contains(PeerAt(9901), 0), Is.True);
        Assert.That(table.Contains(PeerAt(9900), 0), Is.False);
        Assert.That(table.CountAt(Lifetime), Is.Zero);
    }

    [Test]
    public void Which_address_of_ours_it_asks_makes_no_difference()
    {
        var table = new VerifiedPeers(Capacity, Lifetime);
        table.Add(PeerAt(1) with { Local = 1 }, 0);

        Assert.That(table.Contains(PeerAt(1) with { Local = 2 }, 0), Is.True);
        Assert.That(table.Contains(PeerAt(1) with { Scope = 1 }, 0), Is.False);
    }

    private static Peer PeerAt(ushort port) => new(1, port, 0);

    private sealed class Model
    {
        // What was looked for longest ago stands first.
        private readonly List<(ushort Port, long ExpiresAt)> _entries = [];

        public void Add(ushort port, long now)
        {
            while (_entries.Count > 0 && _entries[0].ExpiresAt <= now)
            {
                _entries.RemoveAt(0);
            }

            _entries.RemoveAll(entry => entry.Port == port);
            if (_entries.Count == Capacity)
            {
                _entries.RemoveAt(0);
            }

            _entries.Add((port, now + Lifetime));
        }

        public bool Contains(ushort port, long now)
        {
            var found = _entries.FindIndex(entry => entry.Port == port);
            if (found < 0)
            {
                return false;
            }

            var entry = _entries[found];
            _entries.RemoveAt(found);
            if (entry.ExpiresAt <= now)
            {
                return false;
            }

            _entries.Add(entry);
            return true;
        }
    }
}
