using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §4.2: a CON of ours is sent again with growing patience, until something settles it or it is given up.</summary>
internal sealed class Section4_2_ReliableTests : LayerFixture
{
    private const double Lifetime = 300;

    [Test]
    public void It_is_sent_five_times_with_twice_the_patience_each_time()
    {
        var first = SendSeparately();

        // ACK_RANDOM_FACTOR: the first time-out is from 2 to 3 s, each later one twice the one before.
        var gaps = new List<double>();
        for (var retransmission = 1; retransmission <= 4; retransmission++)
        {
            gaps.Add(SecondsUntilNext());
            Assert.That(Device.LastDatagram, Is.EqualTo(first));
        }

        Assert.That(gaps[0], Is.InRange(2, 3.1));
        for (var index = 1; index < gaps.Count; index++)
        {
            Assert.That(gaps[index], Is.EqualTo(2 * gaps[index - 1]).Within(0.3));
        }

        Bench.Advance(Lifetime);
        Device.ExpectSilence();
    }

    [Test]
    public void All_of_it_takes_no_longer_than_MAX_TRANSMIT_SPAN()
    {
        SendSeparately();
        var span = 0.0;
        for (var retransmission = 1; retransmission <= 4; retransmission++)
        {
            span += SecondsUntilNext();
        }

        Assert.That(span, Is.InRange(30, TransmissionParameters.Default.MaxTransmitSpan.TotalSeconds + 0.2));
    }

    [Test]
    public void The_first_patience_is_drawn_anew_each_time()
    {
        // Of different devices: to one of them only one CON may be on its way (§4.7).
        var devices = Enumerable.Range(1, 8).Select(port => Bench.PeerAt($"192.0.2.9:{port}")).ToArray();
        var answers = devices.Select(device => Ask(device)).ToArray();
        Bench.Advance(1.5);
        foreach (var (device, answer) in devices.Zip(answers))
        {
            answer.Give(new CoapResponse(CoapCode.Changed));
            device.Expect(ACK, 1).Expect(CON, "2.04").ExpectSilence();
        }

        // Each is due after 2 to 3 s, at a moment of its own.
        var moments = new List<int>();
        for (var step = 0; step < 70; step++)
        {
            Bench.Advance(0.05);
            foreach (var device in devices.Where(device => device.HasMail))
            {
                device.Expect(CON, "2.04").ExpectSilence();
                moments.Add(step);
            }
        }

        Assert.That(moments, Has.Count.EqualTo(8));
        Assert.That(moments.Distinct().Count(), Is.GreaterThan(2), "all at once would be a storm");
    }

    [TestCase(ACK)]
    [TestCase(RST)]
    public void An_acknowledgement_or_a_reset_ends_it(MessageType type)
    {
        SendSeparately();
        Bench.Advance(3);
        Device.Expect(CON, "2.04").Send(type, Device.Last.Id);

        Bench.Advance(Lifetime);
        Device.ExpectSilence();
    }

    [TestCase(ACK)]
    [TestCase(RST)]
    public void It_may_be_ended_before_the_first_retransmission_and_more_than_once(MessageType type)
    {
        SendSeparately();
        Device.Send(type, Device.Last.Id).Send(type, Device.Last.Id).ExpectSilence();

        Bench.Advance(Lifetime);
        Device.ExpectSilence();
    }

    [Test]
    public void An_acknowledgement_that_comes_after_it_was_given_up_is_ignored()
    {
        SendSeparately();
        for (var retransmission = 1; retransmission <= 4; retransmission++)
        {
            SecondsUntilNext();
        }

        Bench.Advance(Lifetime);
        Device.Send(ACK, Device.Last.Id).ExpectSilence();
    }

    [Test]
    public void An_acknowledgement_from_somebody_else_ends_nothing()
    {
        SendSeparately();
        Bench.PeerAt("192.0.2.1:40001").Send(ACK, Device.Last.Id);
        Bench.PeerAt("192.0.2.2:40000").Send(ACK, Device.Last.Id);
        Device.Send(ACK, Device.Last.Id.Next);

        Bench.Advance(3);
        Device.Expect(CON, "2.04");
    }

    [Test]
    public void An_acknowledgement_that_says_something_ends_nothing()
    {
        SendSeparately();
        var id = Device.Last.Id.Value;
        Device.Send(ACK, id, Code("2.05")).Send(ACK, id, GET).Send(RST, id, GET).ExpectSilence();

        Bench.Advance(3);
        Device.Expect(CON, "2.04");
    }

    [Test]
    public void A_malformed_acknowledgement_ends_nothing()
    {
        SendSeparately();
        Device.SendBytes([0x60, 0x00, .. Device.LastDatagram[2..4], 0xff]).ExpectSilence();

        Bench.Advance(3);
        Device.Expect(CON, "2.04");
    }

    [Test]
    public void The_exchange_is_over_for_the_resource_when_its_answer_is_given_up()
    {
        SendSeparately();
        for (var retransmission = 1; retransmission <= 4; retransmission++)
        {
            SecondsUntilNext();
        }

        Bench.Advance(60);
        Assert.That(Bench.Layer.InWork, Is.Zero);
        Device.Send(CON, 2, GET).Expect(ACK, 2, "2.04").ExpectSilence();
    }

    [Test]
    public void Silence_of_the_handler_acknowledges_a_CON()
    {
        AnswerWith(() => null);

        Device.Send(CON, 1, GET).Expect(ACK, 1).Send(CON, 1, GET).Expect(ACK, 1).ExpectSilence();
    }

    [Test]
    public void A_handler_that_fails_against_its_promise_is_answered_and_logged()
    {
        var answer = Bench.HoldAnswers();
        Device.Send(CON, 1, GET).ExpectSilence();

        answer.Fail(new InvalidOperationException("a defect"));

        Device.Expect(ACK, 1, "5.00");
        Assert.That(Bench.TakeErrors(), Has.Exactly(1).Contains("a defect"));
    }

    private HeldAnswer Ask(LayerPeer device)
    {
        var answer = Bench.HoldAnswers();
        device.Send(CON, 1, GET);
        return answer;
    }

    // Leaves a CON of ours on its way to the device, and returns its bytes.
    private byte[] SendSeparately()
    {
        var answer = Bench.HoldAnswers();
        Device.Send(CON, 1, GET);
        Bench.Advance(1.5);
        Device.Expect(ACK, 1);
        answer.Give(new CoapResponse(CoapCode.Changed));
        Device.Expect(CON, "2.04").ExpectSilence();
        AnswerWith(() => new CoapResponse(CoapCode.Changed));
        return Device.LastDatagram;
    }

    private double SecondsUntilNext()
    {
        var seconds = AdvanceUntilMail();
        Device.Expect(CON, "2.04").ExpectSilence();
        return seconds;
    }

    private double AdvanceUntilMail()
    {
        const double step = 0.05;
        for (var seconds = step; seconds < 60; seconds += step)
        {
            Bench.Advance(step);
            if (Device.HasMail)
            {
                return seconds;
            }
        }

        throw new AssertionException("there was no retransmission within a minute");
    }
}
