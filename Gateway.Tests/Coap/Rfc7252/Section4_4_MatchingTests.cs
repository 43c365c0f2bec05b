using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §4.4: which message an acknowledgement or a reset is about.</summary>
internal sealed class Section4_4_MatchingTests : LayerFixture
{
    [TestCase(0)]
    [TestCase(0xffff)]
    public void An_acknowledgement_echoes_the_ID_of_the_request(int id) => Device.Send(CON, id, GET).Expect(ACK, id, "2.04");

    [TestCase(ACK)]
    [TestCase(RST)]
    public void What_nobody_waits_for_is_ignored(MessageType type) => Device.Send(type, 1).ExpectSilence();

    [Test]
    public void A_request_in_an_acknowledgement_or_a_reset_is_ignored()
    {
        Device.Send(ACK, 5, GET).Send(RST, 5, GET).ExpectSilence();
        Assert.That(Bench.Handled, Is.Empty);
    }

    [Test]
    public void Each_message_of_ours_has_an_ID_of_its_own()
    {
        var ids = new HashSet<MessageId>();
        for (var id = 0; id < 1000; id++)
        {
            Device.Send(NON, id, GET).Expect(NON, "2.04");
            ids.Add(Device.Last.Id);
        }

        Assert.That(ids, Has.Count.EqualTo(1000));
    }

    [Test]
    public void Of_two_answers_on_their_way_each_is_settled_by_its_own_acknowledgement()
    {
        var neighbour = Bench.PeerAt("192.0.2.1:40001");
        var first = Bench.HoldAnswers();
        Device.Send(CON, 1, GET);
        var second = Bench.HoldAnswers();
        neighbour.Send(CON, 1, GET);
        Bench.Advance(1.5);
        first.Give(new CoapResponse(CoapCode.Changed));
        second.Give(new CoapResponse(CoapCode.Changed));
        Device.Expect(ACK, 1).Expect(CON, "2.04");
        neighbour.Expect(ACK, 1).Expect(CON, "2.04");

        // The ID alone says nothing: it is the device's own answer that the device acknowledges.
        Device.Send(ACK, Device.Last.Id);
        Bench.Advance(3);
        Device.ExpectSilence();
        neighbour.Expect(CON, "2.04").Send(ACK, neighbour.Last.Id);
        Bench.Advance(60);
        neighbour.ExpectSilence();
    }

    [Test]
    public void The_ID_of_an_answer_has_nothing_to_do_with_that_of_the_request()
    {
        // A device may use the ID that we use at the same time: the two directions are apart.
        Device.Send(NON, 1, GET).Expect(NON, "2.04");
        var ours = Device.Last.Id.Value;
        Device.Send(NON, (ushort)(ours + 1), GET).Expect(NON, "2.04").Send(CON, ours, GET).Expect(ACK, ours, "2.04");
        Assert.That(Bench.Handled, Has.Count.EqualTo(3));
    }
}
