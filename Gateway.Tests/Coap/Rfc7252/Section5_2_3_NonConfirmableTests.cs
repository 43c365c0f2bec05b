using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §5.2.3: a request in a NON is answered in a NON.</summary>
internal sealed class Section5_2_3_NonConfirmableTests : LayerFixture
{
    [Test]
    public void The_answer_has_an_ID_of_the_server()
    {
        Device.Send(NON, 1, GET).Expect(NON, "2.04");
        var first = Device.Last.Id;
        Device.Send(NON, 2, GET).Expect(NON, "2.04");

        Assert.That(Device.Last.Id, Is.Not.EqualTo(first));
    }

    [Test]
    public void A_slow_answer_is_a_NON_and_nothing_precedes_it()
    {
        var answer = Bench.HoldAnswers();
        Device.Send(NON, 1, GET);
        Bench.Advance(10);
        Device.ExpectSilence();

        answer.Give(new CoapResponse(CoapCode.Changed));
        Device.Expect(NON, "2.04").ExpectSilence();
    }

    [TestCase("4.04")]
    [TestCase("5.00")]
    public void Errors_are_NONs_too(string code)
    {
        AnswerWith(() => new CoapResponse(Code(code)));
        Device.Send(NON, 1, GET).Expect(NON, code).ExpectSilence();
    }
}
