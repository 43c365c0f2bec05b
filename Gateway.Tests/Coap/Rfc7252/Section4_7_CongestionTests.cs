using System.Globalization;
using System.Net;
using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §4.7, Congestion Control: at most NSTART CONs of ours are in flight to one peer.</summary>
internal sealed class Section4_7_CongestionTests : OutboxTest
{
    [Test]
    public void The_second_CON_waits_until_the_first_is_acknowledged()
    {
        var first = Bench.Send("a");
        var second = Bench.Send("b");
        Assert.That(Bench.Payloads, Is.EqualTo(new[] { "a" }));

        Bench.Settle(first);

        Assert.That(Bench.Payloads, Is.EqualTo(new[] { "a", "b" }));
        Assert.That(Bench.Sent[1].Message.Id, Is.EqualTo(second));
        Assert.That(Bench.Ended, Is.EqualTo(new[] { "a Acknowledged" }));
    }

    [Test]
    public void The_second_CON_goes_out_when_the_first_is_given_up()
    {
        Bench.Send("a");
        Bench.Send("b");
        Bench.Exhaust();
        Bench.Exhaust();

        Assert.That(Bench.Payloads, Is.EqualTo(new[] { "a", "a", "a", "a", "a", "b", "b", "b", "b", "b" }));
        Assert.That(Bench.Ended, Is.EqualTo(new[] { "a GivenUp", "b GivenUp" }));
    }

    [Test]
    public void An_acknowledgement_of_what_has_not_gone_out_yet_counts_for_nothing()
    {
        Bench.Send("a");
        var queued = Bench.Send("b");

        Assert.That(Bench.Settle(queued), Is.False);
        Assert.That(Bench.Ended, Is.Empty);
    }

    [Test]
    public void Other_peers_and_NONs_do_not_wait()
    {
        var other = Peer.From(IPEndPoint.Parse("192.0.2.1:40001"));
        Bench.Send("a");
        Bench.Send("b", peer: other);
        Bench.Send("c", MessageType.NonConfirmable);

        Assert.That(Bench.Payloads, Is.EqualTo(new[] { "a", "b", "c" }));
    }

    [Test]
    public void A_larger_NSTART_lets_more_out()
    {
        using var bench = new OutboxBench(TransmissionParameters.Default with { Nstart = 2 });
        var first = bench.Send("a");
        bench.Send("b");
        bench.Send("c");
        Assert.That(bench.Payloads, Is.EqualTo(new[] { "a", "b" }));

        bench.Settle(first);
        Assert.That(bench.Payloads, Is.EqualTo(new[] { "a", "b", "c" }));
    }

    [Test]
    public void What_finds_no_room_to_wait_is_dropped_and_the_rest_goes_out_in_order()
    {
        var texts = Enumerable.Range(0, OutboxLane.MaxQueued + 2).Select(number => number.ToString(CultureInfo.InvariantCulture)).ToList();
        var ids = texts.ConvertAll(text => Bench.Send(text));
        Assert.That(Bench.Ended, Is.EqualTo(new[] { $"{texts[^1]} Dropped" }));

        ids[..^1].ForEach(id => Assert.That(Bench.Settle(id), Is.True));

        Assert.That(Bench.Payloads, Is.EqualTo(texts[..^1]));
    }

    [Test]
    public void Closing_drops_what_waits_and_all_that_comes_after()
    {
        Bench.Send("a");
        Bench.Send("b");
        Bench.Outbox.Dispose();
        Bench.Send("c");

        Assert.That(Bench.Ended, Is.EquivalentTo(new[] { "a Dropped", "b Dropped", "c Dropped" }));
        Assert.That(Bench.Payloads, Is.EqualTo(new[] { "a" }));
    }
}
