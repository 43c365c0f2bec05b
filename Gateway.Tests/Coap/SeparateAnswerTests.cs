using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap;

/// <summary>RFC 7252 §5.2.2 and §4.2: an answer that is late goes in a CON of its own, until it is acknowledged.</summary>
internal sealed class SeparateAnswerTests
{
    private LayerBench _bench = null!;
    private HeldAnswer _answer = null!;

    private LayerPeer Device => _bench.Device;

    [SetUp]
    public void SetUp()
    {
        _bench = new LayerBench();
        _answer = _bench.HoldAnswers();
    }

    [TearDown]
    public void TearDown() => _bench.Dispose();

    [Test]
    public void An_answer_within_the_piggyback_timeout_is_piggybacked()
    {
        Device.Send(CON, 1, GET);
        _bench.Advance(1.499);
        Device.ExpectSilence();

        _answer.Give(new CoapResponse(CoapCode.Changed));
        Device.Expect(ACK, 1, "2.04");
        _bench.Advance(300);
        Device.ExpectSilence();
    }

    [Test]
    public void A_slow_answer_is_preceded_by_an_empty_acknowledgement()
    {
        Device.Send(CON, 1, GET);
        _bench.Advance(1.5);
        Device.Expect(ACK, 1);

        _answer.Give(new CoapResponse(CoapCode.Changed));
        Device.Expect(CON, "2.04").Send(ACK, Device.Last.Id);
        _bench.Advance(300);
        Device.ExpectSilence();
    }

    [Test]
    public void Each_of_several_slow_requests_is_acknowledged_in_its_own_time()
    {
        Device.Send(CON, 1, GET);
        _bench.Advance(1);
        Device.Send(CON, 2, GET);

        _bench.Advance(0.5);
        Device.Expect(ACK, 1).ExpectSilence();
        _bench.Advance(1);
        Device.Expect(ACK, 2).ExpectSilence();
    }

    [Test]
    public void A_slow_answer_to_a_NON_is_a_NON_and_nothing_precedes_it()
    {
        Device.Send(NON, 1, GET);
        _bench.Advance(10);
        Device.ExpectSilence();

        _answer.Give(new CoapResponse(CoapCode.Changed));
        Device.Expect(NON, "2.04").ExpectSilence();
    }

    [Test]
    public void A_separate_answer_is_sent_five_times_with_growing_patience()
    {
        SendSeparately();
        var first = Device.LastDatagram;

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

        _bench.Advance(300);
        Device.ExpectSilence();
    }

    [TestCase(ACK)]
    [TestCase(RST)]
    public void An_acknowledgement_or_a_reset_ends_the_retransmission(MessageType type)
    {
        SendSeparately();
        _bench.Advance(3);
        Device.Expect(CON, "2.04").Send(type, Device.Last.Id);

        _bench.Advance(300);
        Device.ExpectSilence();
    }

    [Test]
    public void An_acknowledgement_from_somebody_else_ends_nothing()
    {
        SendSeparately();
        _bench.PeerAt("192.0.2.1:40001").Send(ACK, Device.Last.Id);
        Device.Send(ACK, Device.Last.Id.Next);

        _bench.Advance(3);
        Device.Expect(CON, "2.04");
    }

    [Test]
    public void Late_silence_leaves_it_at_the_empty_acknowledgement()
    {
        Device.Send(CON, 1, GET);
        _bench.Advance(1.5);
        Device.Expect(ACK, 1);

        _answer.Give(null);
        Device.ExpectSilence();
    }

    private void SendSeparately()
    {
        Device.Send(CON, 1, GET);
        _bench.Advance(1.5);
        Device.Expect(ACK, 1);
        _answer.Give(new CoapResponse(CoapCode.Changed));
        Device.Expect(CON, "2.04").ExpectSilence();
    }

    private double SecondsUntilNext()
    {
        const double step = 0.05;
        for (var seconds = step; seconds < 60; seconds += step)
        {
            _bench.Advance(step);
            if (Device.HasMail)
            {
                Device.Expect(CON, "2.04").ExpectSilence();
                return seconds;
            }
        }

        throw new AssertionException("there was no retransmission within a minute");
    }
}
