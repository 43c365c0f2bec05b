using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §4.2, Messages Transmitted Reliably: what we send as CON, seen from our side.</summary>
internal sealed class Section4_2_OutboxTests : OutboxTest
{
    [Test]
    public void A_CON_is_sent_five_times_and_then_given_up()
    {
        Bench.Send("a");
        Bench.Exhaust();

        Assert.That(Bench.Payloads, Is.EqualTo(Enumerable.Repeat("a", 5)));
        Assert.That(Bench.Sent.Select(sent => sent.Message.Id).Distinct().Count(), Is.EqualTo(1));
        Assert.That(Bench.Ended, Is.EqualTo(new[] { "a GivenUp" }));
    }

    [Test]
    public void Each_time_out_is_twice_the_one_before()
    {
        Bench.Send("a");
        var times = new List<double> { 0 };
        for (var tenths = 1; tenths < 1000; tenths++)
        {
            Bench.Advance(0.1);
            if (Bench.Sent.Count > times.Count)
            {
                times.Add(tenths / 10.0);
            }
        }

        var gaps = times.Zip(times.Skip(1), (before, after) => after - before).ToList();
        Assert.That(gaps[0], Is.InRange(2, 3.1), "between ACK_TIMEOUT and ACK_TIMEOUT × ACK_RANDOM_FACTOR");
        Assert.That(gaps.Skip(1).Zip(gaps, (gap, before) => gap - (2 * before)), Is.All.InRange(-0.3, 0.3));
    }

    [TestCase(TransmissionEnd.Acknowledged)]
    [TestCase(TransmissionEnd.Reset)]
    public void An_acknowledgement_or_a_reset_ends_it_once(TransmissionEnd end)
    {
        var id = Bench.Send("a");
        Assert.That(Bench.Settle(id, end), Is.True);
        Assert.That(Bench.Settle(id, end), Is.False, "a duplicate finds nothing");
        Bench.Exhaust();

        Assert.That(Bench.Payloads, Is.EqualTo(new[] { "a" }));
        Assert.That(Bench.Ended, Is.EqualTo(new[] { $"a {end}" }));
    }

    [Test]
    public void An_acknowledgement_of_another_peer_ends_nothing()
    {
        var id = Bench.Send("a");

        Assert.That(Bench.Settle(id, peer: OutboxBench.Device with { Port = 1 }), Is.False);
        Assert.That(Bench.Ended, Is.Empty);
    }

    [Test]
    public void A_NON_is_sent_once()
    {
        var id = Bench.Send("a", MessageType.NonConfirmable);
        Bench.Exhaust();

        Assert.That(Bench.Settle(id), Is.False);
        Assert.That(Bench.Payloads, Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public void IDs_to_one_peer_do_not_come_again_before_all_others()
    {
        var ids = Enumerable.Range(0, 65536).Select(_ => Bench.Send("a", MessageType.NonConfirmable)).ToHashSet();

        Assert.That(ids, Has.Count.EqualTo(65536));
    }

    [Test]
    public void What_is_acknowledged_quickly_leaves_no_timer_behind()
    {
        for (var round = 0; round < 10_000; round++)
        {
            Bench.Settle(Bench.Send("a"));
        }

        var last = Bench.Send("b");
        Bench.Advance(3.1);
        Assert.That(Bench.Payloads.TakeLast(2), Is.EqualTo(new[] { "b", "b" }));
        Assert.That(Bench.Settle(last), Is.True);
    }
}
