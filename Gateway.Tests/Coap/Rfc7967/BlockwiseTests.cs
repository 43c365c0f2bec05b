using Gateway.Coap;
using Gateway.Tests.Coap.Rfc7252;
using Gateway.Tests.Coap.Rfc7959;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7967;

/// <summary>No-Response together with bodies in blocks: each block is a request of its own, and says what it wants to hear.</summary>
internal sealed class BlockwiseTests : RequestFixture
{
    private static readonly CoapOption NoSuccess = Number(OptionNumber.NoResponse, 2);

    [Test]
    public void A_body_arrives_whole_where_only_acknowledgements_come_back()
    {
        Device.Send(CON, 1, POST, "/m", "0123456789abcdef", Blocks.Block1("0/1/16"), NoSuccess).Expect(ACK, 1);
        Device.Send(CON, 2, POST, "/m", "the end", Blocks.Block1("1/0/16"), NoSuccess).Expect(ACK, 2);

        Assert.That(System.Text.Encoding.UTF8.GetString(Seen!.Payload.Span), Is.EqualTo("0123456789abcdefthe end"));
    }

    [Test]
    public void A_NON_upload_is_silent_until_something_is_wrong()
    {
        Device.Send(NON, 1, POST, "/m", "0123456789abcdef", Blocks.Block1("0/1/16"), NoSuccess).ExpectSilence();
        Device.Send(NON, 2, POST, "/m", "the end", Blocks.Block1("2/0/16"), NoSuccess).Expect(NON, "4.08");
        Assert.That(Seen, Is.Null);
    }

    [Test]
    public void The_last_block_alone_may_ask_for_silence()
    {
        Device.Send(CON, 1, POST, "/m", "0123456789abcdef", Blocks.Block1("0/1/16")).Expect(ACK, 1, "2.31");
        Device.Send(CON, 2, POST, "/m", "the end", Blocks.Block1("1/0/16"), NoSuccess).Expect(ACK, 2);
        Assert.That(Seen!.Payload.Length, Is.EqualTo(23));
    }
}
