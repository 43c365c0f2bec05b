using Gateway.Coap;
using Gateway.Tests.Support;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap;

/// <summary>What happens at the bounds of the exchange table: how many requests may be in work, and how many are remembered.</summary>
internal sealed class OverloadTests
{
    [TestCase(MessageType.Confirmable)]
    [TestCase(MessageType.NonConfirmable)]
    public void One_request_too_many_in_work_is_answered_5_03_and_when_to_come_back(MessageType type)
    {
        using var bench = new LayerBench(new CoapSettings { MaxInWork = 2 });
        bench.HoldAnswers();
        var other = bench.PeerAt("192.0.2.2:40000");
        bench.Device.Send(CON, 1, GET).Send(CON, 2, GET).ExpectSilence();

        other.Send(type, 3, GET).Expect(type == CON ? ACK : NON, "5.03");

        Assert.That(BlockOptions.FindUint(other.Last.Options, OptionNumber.MaxAge), Is.EqualTo(10));
        Assert.That(bench.Layer.InWork, Is.EqualTo(2));
        Assert.That(bench.Handled, Has.Count.EqualTo(2));
    }

    [Test]
    public void It_is_not_remembered_and_its_retransmission_is_taken_when_there_is_room()
    {
        using var bench = new LayerBench(new CoapSettings { MaxInWork = 1 });
        var answer = bench.HoldAnswers();
        bench.Device.Send(CON, 1, GET).Send(CON, 2, GET).Expect(ACK, 2, "5.03").Send(CON, 2, GET).Expect(ACK, 2, "5.03");

        answer.Give(new CoapResponse(CoapCode.Changed));
        bench.Device.Expect(ACK, 1, "2.04").Send(CON, 2, GET).Expect(ACK, 2, "2.04");
        Assert.That(bench.Handled, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_duplicate_of_what_is_in_work_is_no_request_too_many()
    {
        using var bench = new LayerBench(new CoapSettings { MaxInWork = 1 });
        bench.HoldAnswers();
        bench.Device.Send(CON, 1, GET).Send(CON, 1, GET).ExpectSilence();
    }

    [Test]
    public void A_peer_that_asks_more_than_may_be_remembered_has_its_oldest_done_again_and_nobody_elses()
    {
        using var meters = new Meters();
        using var bench = new LayerBench(new CoapSettings { MaxExchangesPerPeer = 2 }, new CoapMetrics(meters));
        var other = bench.PeerAt("192.0.2.2:40000");
        other.Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        for (var id = 1; id <= 3; id++)
        {
            bench.Device.Send(CON, id, GET).Expect(ACK, id, "2.04");
        }

        Assert.That((meters["gateway.coap.exchanges.evicted/peer"], meters["gateway.coap.exchanges.evicted/all"]), Is.EqualTo((1, 0)));
        bench.Device.Send(CON, 3, GET).Expect(ACK, 3, "2.04").Send(CON, 2, GET).Expect(ACK, 2, "2.04");
        other.Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        Assert.That(bench.Handled, Has.Count.EqualTo(4), "these three were known");
        bench.Device.Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        Assert.That(bench.Handled, Has.Count.EqualTo(5), "this one was forgotten");
    }

    [Test]
    public void At_the_bound_of_all_the_oldest_of_all_is_forgotten()
    {
        using var meters = new Meters();
        using var bench = new LayerBench(new CoapSettings { MaxExchanges = 2 }, new CoapMetrics(meters));
        for (var host = 2; host <= 5; host++)
        {
            bench.PeerAt($"192.0.2.{host}:40000").Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        }

        Assert.That((meters["gateway.coap.exchanges.evicted/peer"], meters["gateway.coap.exchanges.evicted/all"]), Is.EqualTo((0, 2)));
        Assert.That((meters["gateway.coap.exchanges"], meters["gateway.coap.peers"]), Is.EqualTo((2, 2)));
    }

    [Test]
    public void An_answer_to_what_was_forgotten_meanwhile_still_goes_out()
    {
        using var bench = new LayerBench(new CoapSettings { MaxExchangesPerPeer = 1 });
        var first = bench.HoldAnswers();
        bench.Device.Send(CON, 1, GET);
        var second = bench.HoldAnswers();
        bench.Device.Send(CON, 2, GET).ExpectSilence();

        first.Give(new CoapResponse(CoapCode.Changed));
        bench.Device.Expect(ACK, 1, "2.04");
        second.Give(new CoapResponse(CoapCode.Changed));
        bench.Device.Expect(ACK, 2, "2.04");
        Assert.That(bench.Layer.InWork, Is.Zero);
    }
}
