using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §2.1 and §2.2: the conversations of its figures 2 to 6.</summary>
internal sealed class Section2_2_RequestResponseTests : LayerFixture
{
    [Test]
    public void Figure_2_a_reliable_message_is_acknowledged_under_its_ID() => Device.Send(CON, 0x7d34, GET).Expect(ACK, 0x7d34, "2.04");

    [Test]
    public void Figure_3_an_unreliable_message_is_not_acknowledged() => Device.Send(NON, 0x01a0, GET).Expect(NON, "2.04").ExpectSilence();

    [Test]
    public void Figure_4_two_GETs_have_their_answers_piggybacked()
    {
        AnswerWith(() => CoapResponse.Error(CoapCode.Content, "22.5 C"));
        Device.Send(CON, 0xbc90, GET, "/temperature").Expect(ACK, 0xbc90, "2.05");
        Assert.That(Device.LastText, Is.EqualTo("22.5 C"));

        AnswerWith(() => CoapResponse.Error(CoapCode.NotFound, "Not found"));
        Device.Send(CON, 0xbc91, GET, "/temperature").Expect(ACK, 0xbc91, "4.04");
        Assert.That(Device.LastText, Is.EqualTo("Not found"));
    }

    [Test]
    public void Figure_5_a_GET_has_a_separate_answer()
    {
        var answer = Bench.HoldAnswers();
        Device.Send(CON, 0x7a10, GET, "/temperature").ExpectSilence();
        Bench.Advance(1.5);
        Device.Expect(ACK, 0x7a10);

        answer.Give(CoapResponse.Error(CoapCode.Content, "22.5 C"));
        Device.Expect(CON, "2.05").Send(ACK, Device.Last.Id).ExpectSilence();
        Assert.That(Device.LastText, Is.EqualTo("22.5 C"));
    }

    [Test]
    public void Figure_6_request_and_answer_are_both_unreliable()
    {
        AnswerWith(() => CoapResponse.Error(CoapCode.Content, "22.5 C"));
        Device.Send(NON, 0x7a11, GET, "/temperature").Expect(NON, "2.05").ExpectSilence();
        Assert.That(Device.LastText, Is.EqualTo("22.5 C"));
    }
}
