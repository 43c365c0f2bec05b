using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §5.2.1: an answer that is there in time travels in the acknowledgement.</summary>
internal sealed class Section5_2_1_PiggybackedTests : LayerFixture
{
    [Test]
    public void A_quick_answer_to_a_CON_is_piggybacked()
    {
        Device.Send(CON, 0x1234, POST, "/m").Expect(ACK, 0x1234, "2.04").ExpectSilence();
        Bench.Advance(300);
        Device.ExpectSilence();
    }

    [TestCase("2.05")]
    [TestCase("4.04")]
    [TestCase("5.03")]
    public void Errors_are_piggybacked_like_successes(string code)
    {
        AnswerWith(() => new CoapResponse(Code(code)));
        Device.Send(CON, 1, GET).Expect(ACK, 1, code).ExpectSilence();
    }

    [Test]
    public void An_answer_within_the_piggyback_timeout_is_piggybacked()
    {
        var answer = Bench.HoldAnswers();
        Device.Send(CON, 1, GET);
        Bench.Advance(1.499);
        Device.ExpectSilence();

        answer.Give(new CoapResponse(CoapCode.Changed));
        Device.Expect(ACK, 1, "2.04");
        Bench.Advance(300);
        Device.ExpectSilence();
    }

    [Test]
    public void Answers_may_come_in_another_order_than_their_requests()
    {
        var first = Bench.HoldAnswers();
        Device.Send(CON, 1, GET);
        var second = Bench.HoldAnswers();
        Device.Send(CON, 2, GET);

        second.Give(CoapResponse.Error(CoapCode.Content, "second"));
        Device.Expect(ACK, 2, "2.05").ExpectSilence();
        first.Give(CoapResponse.Error(CoapCode.Content, "first"));
        Device.Expect(ACK, 1, "2.05").ExpectSilence();
        Assert.That(Device.LastText, Is.EqualTo("first"));
    }
}
