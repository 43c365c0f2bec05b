using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;
using static Gateway.Tests.Coap.Rfc7252.WireText;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §4.1: an Empty message is its header and nothing else.</summary>
internal sealed class Section4_1_EmptyMessageTests : LayerFixture
{
    [TestCase("41000001 aa")]
    [TestCase("41000001")]
    [TestCase("49000001")]
    [TestCase("40000001 b1 61")]
    [TestCase("40000001 ff 61")]
    [TestCase("60000001 ff")]
    [TestCase("70000001 00")]
    public void More_than_a_header_is_a_format_error(string hex) => AssertRefused(hex, DecodeError.EmptyMessageWithContent);

    [Test]
    public void A_ping_is_answered_by_a_reset() => Device.Send(CON, 0xbeef).Expect(RST, 0xbeef).ExpectSilence();

    [Test]
    public void Every_ping_is_answered()
    {
        Device.Send(CON, 7).Expect(RST, 7).Send(CON, 7).Expect(RST, 7).Send(CON, 8).Expect(RST, 8).ExpectSilence();
        Assert.That(Bench.Handled, Is.Empty);
    }

    [Test]
    public void An_empty_message_that_we_send_is_four_bytes()
    {
        Device.Send(CON, 0xbeef).Expect(RST, 0xbeef);
        Assert.That(Convert.ToHexStringLower(Device.LastDatagram), Is.EqualTo("7000beef"));

        Bench.HoldAnswers();
        Device.Send(CON, 0x1234, GET);
        Bench.Advance(1.5);
        Device.Expect(ACK, 0x1234);
        Assert.That(Convert.ToHexStringLower(Device.LastDatagram), Is.EqualTo("60001234"));
    }

    [Test]
    public void A_ping_is_no_duplicate_of_a_request_with_its_ID()
    {
        Device.Send(CON, 1, GET).Expect(ACK, 1, "2.04").Send(CON, 1).Expect(RST, 1).Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        Assert.That(Bench.Handled, Has.Count.EqualTo(1));
    }

    [Test]
    public void An_empty_NON_is_ignored() => Device.Send(NON, 1).ExpectSilence();
}
