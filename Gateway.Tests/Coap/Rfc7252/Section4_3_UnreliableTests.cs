using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §4.3: a NON is answered or ignored, and nothing about it is ever sent again.</summary>
internal sealed class Section4_3_UnreliableTests : LayerFixture
{
    [Test]
    public void Its_answer_is_sent_once()
    {
        Device.Send(NON, 1, GET).Expect(NON, "2.04");
        Bench.Advance(300);
        Device.ExpectSilence();
    }

    [Test]
    public void Nothing_acknowledges_it_while_its_answer_takes_long()
    {
        Bench.HoldAnswers();
        Device.Send(NON, 1, GET);
        Bench.Advance(300);
        Device.ExpectSilence();
    }

    [TestCase("2.05")]
    [TestCase("1.00")]
    [TestCase("6.00")]
    [TestCase("7.00")]
    public void What_is_no_request_is_ignored(string code)
    {
        Device.Send(NON, 5, Code(code)).ExpectSilence();
        Assert.That(Bench.Handled, Is.Empty);
    }

    [TestCase("500112 34b561")]
    [TestCase("50011234 ff")]
    [TestCase("59011234")]
    [TestCase("50001234 ff61")]
    [TestCase("60011234 b561")]
    [TestCase("70011234 b561")]
    public void What_is_malformed_is_ignored_unless_it_is_a_CON(string hex) => Device.SendBytes(WireText.Bytes(hex)).ExpectSilence();

    [Test]
    public void Silence_of_the_handler_leaves_it_alone()
    {
        AnswerWith(() => null);
        Device.Send(NON, 2, GET).ExpectSilence();
    }

    [Test]
    public void A_reset_of_its_answer_is_taken_note_of_and_not_answered()
    {
        Device.Send(NON, 1, GET).Expect(NON, "2.04").Send(RST, Device.Last.Id).ExpectSilence();
        Device.Send(NON, 2, GET).Expect(NON, "2.04");
    }
}
