using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §5.2.2: an answer that is late goes in a CON of its own, after an empty acknowledgement.</summary>
internal sealed class Section5_2_2_SeparateTests : LayerFixture
{
    private HeldAnswer _answer = null!;

    [SetUp]
    public void HoldAnswer() => _answer = Bench.HoldAnswers();

    [Test]
    public void A_slow_answer_is_preceded_by_an_empty_acknowledgement()
    {
        Device.Send(CON, 1, GET);
        Bench.Advance(1.5);
        Device.Expect(ACK, 1);

        _answer.Give(new CoapResponse(CoapCode.Changed));
        Device.Expect(CON, "2.04").Send(ACK, Device.Last.Id);
        Bench.Advance(300);
        Device.ExpectSilence();
    }

    [Test]
    public void Each_of_several_slow_requests_is_acknowledged_in_its_own_time()
    {
        Device.Send(CON, 1, GET);
        Bench.Advance(1);
        Device.Send(CON, 2, GET);

        Bench.Advance(0.5);
        Device.Expect(ACK, 1).ExpectSilence();
        Bench.Advance(1);
        Device.Expect(ACK, 2).ExpectSilence();
    }

    [Test]
    public void The_empty_acknowledgement_is_sent_once_however_long_it_takes()
    {
        Device.Send(CON, 1, GET);
        Bench.Advance(1.5);
        Device.Expect(ACK, 1);
        Bench.Advance(200);
        Device.ExpectSilence();

        _answer.Give(new CoapResponse(CoapCode.Changed));
        Device.Expect(CON, "2.04").Send(ACK, Device.Last.Id).ExpectSilence();
    }

    [Test]
    public void An_answer_that_takes_longer_than_the_lifetime_of_its_request_is_still_given()
    {
        Device.Send(CON, 1, GET);
        Bench.Advance(1.5);
        Device.Expect(ACK, 1);
        Bench.Advance(1000);

        _answer.Give(new CoapResponse(CoapCode.Changed));
        Device.Expect(CON, "2.04");
    }

    [Test]
    public void Late_silence_leaves_it_at_the_empty_acknowledgement()
    {
        Device.Send(CON, 1, GET);
        Bench.Advance(1.5);
        Device.Expect(ACK, 1);

        _answer.Give(null);
        Bench.Advance(300);
        Device.ExpectSilence();
    }

    [Test]
    public void A_failure_after_the_acknowledgement_is_a_separate_answer_too()
    {
        Device.Send(CON, 1, GET);
        Bench.Advance(1.5);
        Device.Expect(ACK, 1);

        _answer.Fail(new InvalidOperationException("a defect"));
        Device.Expect(CON, "5.00");
        Assert.That(Bench.TakeErrors(), Has.Exactly(1).Contains("a defect"));
    }

    [Test]
    public void Other_requests_are_served_meanwhile()
    {
        Device.Send(CON, 1, GET);
        AnswerWith(() => new CoapResponse(CoapCode.Content));
        Device.Send(CON, 2, GET).Expect(ACK, 2, "2.05").Send(NON, 3, GET).Expect(NON, "2.05");

        Bench.Advance(1.5);
        Device.Expect(ACK, 1);
    }
}
