using CsCheck;
using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc9175;

/// <summary>RFC 9175 §2.2, and appendix A, item 2: the value is opaque, short, and nobody but the server can make one.</summary>
internal sealed class Section2_2_EchoValueTests
{
    private const uint Lifetime = 247;

    private static readonly Gen<Peer> Peers = Gen.Select(
        Gen.ULong, Gen.ULong, Gen.UShort, Gen.UInt, (high, low, port, scope) => new Peer(new UInt128(high, low), port, scope));

    private static readonly EchoIssuer Issuer = new([.. Enumerable.Range(1, 32).Select(number => (byte)number)], Lifetime);

    [Test]
    public void It_is_good_for_its_peer_as_long_as_it_lives() => Gen.Select(Peers, Gen.UInt, Gen.UInt[0, Lifetime]).Sample((peer, second, age) =>
    {
        var value = Issuer.Issue(peer, second);
        Assert.That(value, Has.Length.InRange(1, 40));
        Assert.That(Issuer.IsFresh(peer, value, unchecked(second + age)), Is.True);
    });

    [Test]
    public void It_is_good_whichever_of_our_addresses_is_asked() => Peers.Sample(peer =>
        Assert.That(Issuer.IsFresh(peer with { Local = 7 }, Issuer.Issue(peer, 1), 1), Is.True));

    [Test]
    public void Past_its_time_it_is_no_good() => Gen.Select(Peers, Gen.UInt, Gen.UInt[Lifetime + 1, uint.MaxValue]).Sample((peer, second, age) =>
        Assert.That(Issuer.IsFresh(peer, Issuer.Issue(peer, second), unchecked(second + age)), Is.False));

    [Test]
    public void For_another_peer_it_is_no_good() => Gen.Select(Peers, Peers).Where(pair => pair.Item1 != pair.Item2).Sample((mine, other) =>
        Assert.That(Issuer.IsFresh(other, Issuer.Issue(mine, 1), 1), Is.False));

    [Test]
    public void Neither_its_address_nor_its_port_nor_its_scope_may_differ()
    {
        var peer = new Peer(1, 2, 3);
        var value = Issuer.Issue(peer, 1);

        Assert.That(Issuer.IsFresh(peer, value, 1), Is.True);
        Assert.That(Issuer.IsFresh(peer with { Address = 2 }, value, 1), Is.False);
        Assert.That(Issuer.IsFresh(peer with { Port = 3 }, value, 1), Is.False);
        Assert.That(Issuer.IsFresh(peer with { Scope = 4 }, value, 1), Is.False);
    }

    [Test]
    public void With_one_bit_changed_it_is_no_good() => Gen.Select(Peers, Gen.Int[0, (EchoIssuer.Length * 8) - 1]).Sample((peer, bit) =>
    {
        var value = Issuer.Issue(peer, 1000);
        value[bit / 8] ^= (byte)(1 << (bit % 8));
        Assert.That(Issuer.IsFresh(peer, value, 1000), Is.False);
    });

    [Test]
    public void Of_a_server_with_another_key_it_is_no_good() => Peers.Sample(peer =>
        Assert.That(new EchoIssuer(new byte[32], Lifetime).IsFresh(peer, Issuer.Issue(peer, 1), 1), Is.False));

    [Test]
    public void No_bytes_that_anybody_made_up_are_good() => Gen.Select(Peers, Gen.Byte.Array[0, 40]).Sample((peer, value) =>
        Assert.That(Issuer.IsFresh(peer, value, 1), Is.False));
}
