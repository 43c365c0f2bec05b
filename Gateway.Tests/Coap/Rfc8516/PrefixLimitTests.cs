using Gateway.Coap;
using Gateway.Tests.Coap.Rfc7252;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc8516;

/// <summary>The limit of all peers of one prefix together: who has many addresses, or forges them, does not get more by it.</summary>
internal sealed class PrefixLimitTests : LayerFixture
{
    private const int PrefixBurst = 4;
    private const int PeerBurst = 3;

    private int _lastId;

    protected override CoapSettings Settings { get; } =
        new() { PeerRequestsPerSecond = 0.5, PeerBurst = PeerBurst, PrefixRequestsPerSecond = 2, PrefixBurst = PrefixBurst };

    [SetUp]
    public void ForgetIds() => _lastId = 0;

    [TestCase("198.51.100.{0}:5683")]
    [TestCase("[2001:db8:7:{0}::1]:5683", Description = "a /48 is what one customer may have")]
    [TestCase("[2001:db8:7::{0}]:5683")]
    public void Peers_of_one_prefix_share_its_tokens(string addresses)
    {
        for (var host = 1; host <= PrefixBurst; host++)
        {
            Ask(PeerAt(addresses, host), "2.04");
        }

        Ask(PeerAt(addresses, 100), "4.29");
        Assert.That(Bench.Handled, Has.Count.EqualTo(PrefixBurst));
    }

    [TestCase("198.51.{0}.1:5683")]
    [TestCase("[2001:db8:{0}::1]:5683")]
    public void Peers_of_different_prefixes_do_not(string addresses)
    {
        // More of them than one prefix may have; that two share a place in the table of 4096 is possible, that five do is not.
        for (var prefix = 1; prefix <= PrefixBurst * 2; prefix++)
        {
            Ask(PeerAt(addresses, prefix), "2.04");
        }
    }

    // Each would get an answer to an address that it may not even have.
    [Test]
    public void A_prefix_is_told_once_a_second_all_its_peers_together()
    {
        UseUpPrefix();
        Ask(PeerAt("192.0.2.{0}:5683", 201), "4.29");
        AskInVain(PeerAt("192.0.2.{0}:5683", 202));
        Bench.Advance(0.4);
        AskInVain(PeerAt("192.0.2.{0}:5683", 203));
        Bench.Advance(0.6);
        Ask(PeerAt("192.0.2.{0}:5683", 204), "2.04");
        Ask(PeerAt("192.0.2.{0}:5683", 205), "2.04");
        Ask(PeerAt("192.0.2.{0}:5683", 206), "4.29");
    }

    [Test]
    public void What_the_prefix_refuses_costs_the_peer_nothing()
    {
        Ask(Device, "2.04");
        UseUpPrefix(PrefixBurst - 1);
        Ask(Device, "4.29");
        for (var request = 0; request < 10; request++)
        {
            AskInVain(Device);
        }

        // In 1 s the prefix has two more, and the peer has the two of its burst that it has not used.
        Bench.Advance(1);
        Ask(Device, "2.04");
        Ask(Device, "2.04");
    }

    [Test]
    public void What_the_peer_is_refused_costs_the_prefix_nothing()
    {
        for (var request = 0; request < PeerBurst; request++)
        {
            Ask(Device, "2.04");
        }

        Ask(Device, "4.29");
        for (var request = 0; request < 10; request++)
        {
            AskInVain(Device);
        }

        Ask(Bench.PeerAt("192.0.2.2:5683"), "2.04");
        Ask(Bench.PeerAt("192.0.2.3:5683"), "4.29");
    }

    [Test]
    public void A_rate_of_0_sets_no_limit()
    {
        using var bench = new LayerBench(new CoapSettings { PrefixRequestsPerSecond = 0, PrefixBurst = 1 });
        for (var host = 2; host < 250; host++)
        {
            bench.PeerAt($"192.0.2.{host}:5683").Send(CON, host, GET).Expect(ACK, host, "2.04");
        }
    }

    [Test]
    public void Any_number_of_prefixes_is_judged_with_the_same_memory()
    {
        var limiter = new RateLimiter(Settings, Bench.Time);
        var verdicts = new Dictionary<RateVerdict, int>();
        for (var number = 0u; number < 100_000; number++)
        {
            var state = default(RateState);
            var peer = new Peer(((UInt128)0x2001 << 112) | ((UInt128)number << 80) | 1, 5683, 0);
            var verdict = limiter.Judge(peer, ref state, isDuplicate: false, now: 0);
            verdicts[verdict] = verdicts.GetValueOrDefault(verdict) + 1;
        }

        // 4096 places, each with its burst and one refusal told: those are the bounds, however many prefixes there are.
        Assert.That(verdicts[RateVerdict.Admitted], Is.LessThanOrEqualTo(4096 * PrefixBurst).And.GreaterThan(2048 * PrefixBurst));
        Assert.That(verdicts[RateVerdict.TooMany], Is.LessThanOrEqualTo(4096).And.GreaterThan(2048));
    }

    // Other peers of the device's prefix use up what it has.
    private void UseUpPrefix(int requests = PrefixBurst)
    {
        for (var host = 2; host < 2 + requests; host++)
        {
            Ask(Bench.PeerAt($"192.0.2.{host}:5683"), "2.04");
        }
    }

    private LayerPeer PeerAt(string addresses, int number) =>
        Bench.PeerAt(string.Format(System.Globalization.CultureInfo.InvariantCulture, addresses, number));

    private void Ask(LayerPeer peer, string code)
    {
        var id = ++_lastId;
        peer.Send(CON, id, GET).Expect(ACK, id, code);
    }

    private void AskInVain(LayerPeer peer) => peer.Send(CON, ++_lastId, GET).ExpectSilence();
}
