using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc9175;

/// <summary>The bounds of what is kept for peers that have yet to echo.</summary>
internal sealed class ParkedAnswersTests
{
    private const long Lifetime = 100;

    private static readonly CoapResponse Answer = EchoBench.Of(500);

    [Test]
    public void A_peer_has_only_so_many_and_the_oldest_stay()
    {
        var parked = new ParkedAnswers(2, 10, 1_000_000, Lifetime);
        Assert.That(Enumerable.Range(0, 3).Select(request => Park(parked, 1, request)), Is.EqualTo([true, true, false]));
        Assert.That(Park(parked, 2, 0), Is.True, "another peer has room of its own");
        Assert.That(parked.Take(PeerAt(1), 0, 0), Is.Not.Null);
        Assert.That(Park(parked, 1, 3), Is.True, "what was given makes room");
    }

    [Test]
    public void There_are_only_so_many_in_all()
    {
        var parked = new ParkedAnswers(2, 3, 1_000_000, Lifetime);
        Assert.That(Enumerable.Range(1, 4).Select(peer => Park(parked, (ushort)peer, 0)), Is.EqualTo([true, true, true, false]));
        Assert.That(Park(parked, 4, 0, now: Lifetime), Is.True, "what is past its time makes room");
        Assert.That(parked.CountAt(Lifetime), Is.EqualTo(1));
    }

    [Test]
    public void They_take_only_so_many_bytes()
    {
        var parked = new ParkedAnswers(2, 100, 2500, Lifetime);
        Assert.That(Enumerable.Range(1, 4).Select(peer => Park(parked, (ushort)peer, 0)), Is.EqualTo([true, true, false, false]));
        Assert.That(parked.Take(PeerAt(1), 0, 0), Is.Not.Null);
        Assert.That(Park(parked, 3, 0), Is.True);
    }

    [Test]
    public void It_is_given_once_and_to_its_peer()
    {
        var parked = new ParkedAnswers(2, 10, 1_000_000, Lifetime);
        Park(parked, 1, 7);

        Assert.That(parked.Take(PeerAt(2), 7, 0), Is.Null);
        Assert.That(parked.Take(PeerAt(1), 8, 0), Is.Null);
        Assert.That(parked.Take(PeerAt(1), 7, Lifetime - 1)!.Payload.ToArray(), Is.EqualTo(Answer.Payload.ToArray()));
        Assert.That(parked.Take(PeerAt(1), 7, Lifetime - 1), Is.Null);
    }

    [Test]
    public void Past_its_time_it_is_gone()
    {
        var parked = new ParkedAnswers(2, 10, 1_000_000, Lifetime);
        Park(parked, 1, 7);

        Assert.That(parked.Take(PeerAt(1), 7, Lifetime), Is.Null);
        Assert.That(parked.CountAt(Lifetime), Is.Zero);
    }

    private static bool Park(ParkedAnswers parked, ushort peer, int request, long now = 0) =>
        parked.TryPark(PeerAt(peer), (UInt128)request, Answer, now);

    private static Peer PeerAt(ushort port) => new(1, port, 0);
}
