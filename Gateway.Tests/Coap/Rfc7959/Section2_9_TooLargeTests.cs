using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;
using static Gateway.Tests.Coap.Rfc7959.Blocks;

namespace Gateway.Tests.Coap.Rfc7959;

/// <summary>RFC 7959 §2.9.3: what is larger than the limit is refused as early as that can be known.</summary>
internal sealed class Section2_9_TooLargeTests : BlockwiseTest
{
    private const int Limit = 200;

    private static readonly string Whole = Text(300);

    [SetUp]
    public Task LimitAsync() => RestartAsync(new CoapSettings { MaxPayloadSize = Limit, BlockSize = 128 });

    [Test]
    public void The_block_with_which_it_grows_too_large_is_refused_and_says_what_would_be_taken()
    {
        Put(1, "0/1/128").Expect(ACK, 1, "2.31");
        Put(2, "1/1/128").Expect(ACK, 2, "4.13").Carrying("1:1/1/128");
        Assert.That(Device.Last.FindUint(OptionNumber.Size1), Is.EqualTo(Limit));
        Put(3, "1/1/128").Expect(ACK, 3, "4.08");

        Assert.That(Meters["gateway.coap.transfers"], Is.Zero, "what was there of it is let go");
    }

    [Test]
    public void A_body_that_is_announced_too_large_is_refused_with_its_first_block()
    {
        Put(1, "0/1/64", Uint(OptionNumber.Size1, Limit + 1)).Expect(ACK, 1, "4.13").Carrying("1:0/1/64");
        Assert.That(Device.Last.FindUint(OptionNumber.Size1), Is.EqualTo(Limit));
        Put(2, "0/1/64", Uint(OptionNumber.Size1, Limit)).Expect(ACK, 2, "2.31");
    }

    [Test]
    public void A_block_that_is_too_large_alone_is_refused_with_a_smaller_size()
    {
        Put(1, "0/1/256").Expect(ACK, 1, "4.13").Carrying("1:0/1/128");
        Put(2, "0/0/256").Expect(ACK, 2, "4.13").Carrying("1:0/0/128");
    }

    [Test]
    public void A_body_of_just_the_limit_is_taken()
    {
        var whole = Text(Limit);
        Device.Send(CON, 1, PUT, "/m", Part(whole, "0/1/128"), Block1("0/1/128")).Expect(ACK, 1, "2.31");
        Device.Send(CON, 2, PUT, "/m", Part(whole, "1/0/128"), Block1("1/0/128")).Expect(ACK, 2, "2.04");

        Assert.That(Body, Is.EqualTo(whole));
    }

    [Test]
    public void Without_blocks_it_is_refused_as_well()
    {
        Device.Send(CON, 1, PUT, "/m", Text(Limit + 1)).Expect(ACK, 1, "4.13");
        Assert.That(Device.Last.FindUint(OptionNumber.Size1), Is.EqualTo(Limit));
    }

    private ScriptedPeer Put(int id, string block, params CoapOption[] options) =>
        Device.Send(CON, id, PUT, "/m", Part(Whole, block), [Block1(block), .. options]);
}
