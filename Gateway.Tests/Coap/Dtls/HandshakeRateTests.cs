using System.Net;
using Gateway.Coap;
using Gateway.Coap.Dtls;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>How many handshakes are begun, and how many forged records are tried.</summary>
internal sealed class HandshakeRateTests
{
    private static readonly Peer Here = At("10.1.2.3");
    private static readonly Peer Neighbour = At("10.1.2.200");
    private static readonly Peer There = At("10.9.9.9");

    private readonly FakeTimeProvider _time = new();

    [Test]
    public void A_prefix_begins_so_many_at_once_and_so_many_a_second()
    {
        var rates = new HandshakeRates(new DtlsSettings { PrefixHandshakeBurst = 5, PrefixHandshakesPerSecond = 2 }, _time);

        Assert.That(Begin(rates, 8, Here, Neighbour), Is.EqualTo(5));
        Assert.That(Begin(rates, 3, There), Is.EqualTo(3), "another prefix has its own");

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(Begin(rates, 8, Here, Neighbour), Is.EqualTo(2));
    }

    [Test]
    public void All_together_begin_so_many_at_once_and_so_many_a_second()
    {
        var rates = new HandshakeRates(new DtlsSettings { HandshakeBurst = 5, HandshakesPerSecond = 2 }, _time);

        Assert.That(Begin(rates, 8, Here, There), Is.EqualTo(5));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(Begin(rates, 8, Here, There), Is.EqualTo(2));
    }

    [Test]
    public void Who_is_refused_takes_nothing_from_the_others()
    {
        var rates = new HandshakeRates(new DtlsSettings { HandshakeBurst = 10, HandshakesPerSecond = 1, PrefixHandshakeBurst = 2, PrefixHandshakesPerSecond = 1 }, _time);

        Assert.That(Begin(rates, 1000, Here, Neighbour), Is.EqualTo(2));
        Assert.That(Begin(rates, 2, There), Is.EqualTo(2));
    }

    [Test]
    public void Zero_sets_no_limit()
    {
        var rates = new HandshakeRates(new DtlsSettings { HandshakesPerSecond = 0, PrefixHandshakesPerSecond = 0 }, _time);

        Assert.That(Begin(rates, 100_000, Here), Is.EqualTo(100_000));
    }

    [Test]
    public void A_prefix_of_IPv6_is_its_first_48_bits()
    {
        var rates = new HandshakeRates(new DtlsSettings { PrefixHandshakeBurst = 1, PrefixHandshakesPerSecond = 1 }, _time);

        Assert.That(Begin(rates, 2, At("2001:db8:1:2::3"), At("2001:db8:1:ffff::4")), Is.EqualTo(1));
        Assert.That(Begin(rates, 1, At("2001:db8:2::3")), Is.EqualTo(1));
    }

    [Test]
    public void A_prefix_that_sends_forged_records_is_tried_less_and_less()
    {
        var rates = new ForgeryRates(_time);
        var tried = Forge(rates, 5000);
        Assert.That(tried, Is.EqualTo(1000));
        Assert.That(rates.IsWorthATry(There, _time.GetTimestamp()), Is.True);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(Forge(rates, 5000), Is.EqualTo(100));
    }

    private int Begin(HandshakeRates rates, int count, params Peer[] from) =>
        Enumerable.Range(0, count).Count(number => rates.TryBegin(from[number % from.Length], _time.GetTimestamp()));

    private int Forge(ForgeryRates rates, int count)
    {
        var tried = 0;
        for (var i = 0; i < count; i++)
        {
            if (rates.IsWorthATry(Here, _time.GetTimestamp()))
            {
                tried++;
                rates.Count(Neighbour, _time.GetTimestamp());
            }
        }

        return tried;
    }

    private static Peer At(string address) => Peer.From(new IPEndPoint(IPAddress.Parse(address), 5683));
}
