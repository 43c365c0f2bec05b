using Gateway.Coap;
using Gateway.Tests.Support;
using static Gateway.Tests.Coap.Codes;
using static Gateway.Tests.Coap.Rfc7959.Blocks;

namespace Gateway.Tests.Coap.Rfc7959;

/// <summary>RFC 7959 §2.5: a request's body that comes in blocks reaches the resource once and whole, or not at all.</summary>
internal sealed class Section2_5_Block1Tests : BlockwiseTest
{
    private static readonly string Whole = Text(300);

    [Test]
    public void The_resource_is_asked_when_the_body_is_whole()
    {
        Put(1, "0/1/128").Expect(ACK, 1, "2.31").Carrying("1:0/1/128");
        Put(2, "1/1/128").Expect(ACK, 2, "2.31").Carrying("1:1/1/128");
        Assert.That(Asked, Is.Empty);
        Put(3, "2/0/128").Expect(ACK, 3, "2.04").Carrying("1:2/0/128");

        Assert.That(Asked, Is.EqualTo(new[] { "PUT /m 300" }));
        Assert.That(Body, Is.EqualTo(Whole));
    }

    [Test]
    public void A_body_of_one_block_is_whole_at_once()
    {
        Device.Send(CON, 1, PUT, "/m", "small", Block1("0/0/64")).Expect(ACK, 1, "2.04").Carrying("1:0/0/64");

        Assert.That((Body, Meters["gateway.coap.transfers"]), Is.EqualTo(("small", 0)));
    }

    [Test]
    public void A_last_block_may_be_full_or_empty()
    {
        var whole = Text(256);
        Put(1, "0/1/128", whole).Expect(ACK, 1, "2.31");
        Put(2, "1/0/128", whole).Expect(ACK, 2, "2.04");
        Put(3, "0/1/128", whole).Expect(ACK, 3, "2.31");
        Device.Send(CON, 4, PUT, "/m", "", Block1("1/0/128")).Expect(ACK, 4, "2.04");

        Assert.That(Asked, Is.EqualTo(new[] { "PUT /m 256", "PUT /m 128" }));
    }

    [Test]
    public void NON_requests_are_transferred_as_well()
    {
        Put(1, "0/1/256", type: NON).Expect(NON, "2.31").Carrying("1:0/1/256");
        Put(2, "1/0/256", type: NON).Expect(NON, "2.04").Carrying("1:1/0/256");

        Assert.That(Body, Is.EqualTo(Whole));
    }

    [Test]
    public void A_block_that_is_missing_makes_the_body_incomplete()
    {
        Put(1, "0/1/64").Expect(ACK, 1, "2.31");
        Put(2, "2/1/64").Expect(ACK, 2, "4.08");
        Put(3, "4/0/64").Expect(ACK, 3, "4.08");

        Assert.That(Asked, Is.Empty);
    }

    [Test]
    public void After_a_block_out_of_order_the_right_one_is_still_taken()
    {
        Put(1, "0/1/128").Expect(ACK, 1, "2.31");
        Put(2, "2/0/128").Expect(ACK, 2, "4.08");
        Put(3, "1/1/128").Expect(ACK, 3, "2.31");
        Put(4, "2/0/128").Expect(ACK, 4, "2.04");

        Assert.That(Body, Is.EqualTo(Whole));
    }

    [Test]
    public void A_transfer_that_is_not_there_is_incomplete() => Put(1, "1/1/64").Expect(ACK, 1, "4.08");

    [Test]
    public void A_block_that_comes_again_does_no_harm()
    {
        Put(1, "0/1/128").Expect(ACK, 1, "2.31");
        Put(2, "1/1/128").Expect(ACK, 2, "2.31");
        Put(3, "1/1/128").Expect(ACK, 3, "2.31").Carrying("1:1/1/128");
        Put(4, "2/0/128").Expect(ACK, 4, "2.04");
        Put(5, "2/0/128").Expect(ACK, 5, "2.04").Carrying("1:2/0/128");

        Assert.That(Asked, Is.EqualTo(new[] { "PUT /m 300" }));
        Assert.That(Body, Is.EqualTo(Whole));
    }

    [Test]
    public void A_block_that_comes_again_with_other_bytes_is_refused()
    {
        var other = new string('x', 300);
        Put(1, "0/1/128").Expect(ACK, 1, "2.31");
        Put(2, "1/1/128").Expect(ACK, 2, "2.31");
        Put(3, "1/1/128", other).Expect(ACK, 3, "4.08");
        Put(4, "2/0/128").Expect(ACK, 4, "2.04");
        Put(5, "2/0/128", other).Expect(ACK, 5, "4.08");

        Assert.That(Body, Is.EqualTo(Whole));
    }

    [Test]
    public async Task A_last_block_that_comes_again_while_the_resource_is_at_work_waits_for_its_answer()
    {
        var answer = new HeldAnswer();
        Answer = async _ => (await answer.Task)!;
        Put(1, "0/1/256").Expect(ACK, 1, "2.31");
        Put(2, "1/0/256");
        Put(3, "1/0/256");
        Device.Settle();
        answer.Give(CoapResponse.Error(CoapCode.Changed, "done"));

        Device.Expect(ACK, "2.04").Saying("done");
        Device.Expect(ACK, "2.04").Saying("done");
        Assert.That(Asked, Has.Count.EqualTo(1));
        await Eventually.HoldsAsync(() => Meters["gateway.coap.transfers"] == 1, "it is kept in case the last block is repeated once more");
    }

    [Test]
    public void A_body_whose_resource_failed_can_be_sent_again()
    {
        Answer = _ => throw new InvalidOperationException("broken");
        Put(1, "0/1/256").Expect(ACK, 1, "2.31");
        Put(2, "1/0/256").Expect(ACK, 2, "5.00");
        Assert.That(Server.Log.TakeErrors(), Has.Count.EqualTo(1));
        Answer = _ => ValueTask.FromResult(new CoapResponse(CoapCode.Changed));
        Put(3, "1/0/256").Expect(ACK, 3, "4.08");
        Put(4, "0/1/256").Expect(ACK, 4, "2.31");
        Put(5, "1/0/256").Expect(ACK, 5, "2.04");
    }

    [Test]
    public void Block_zero_begins_anew()
    {
        var second = new string('y', 300);
        Put(1, "0/1/128").Expect(ACK, 1, "2.31");
        Put(2, "1/1/128").Expect(ACK, 2, "2.31");
        Put(3, "0/1/128", second).Expect(ACK, 3, "2.31");
        Put(4, "2/0/128").Expect(ACK, 4, "4.08");
        Put(5, "1/1/128", second).Expect(ACK, 5, "2.31");
        Put(6, "2/0/128", second).Expect(ACK, 6, "2.04");

        Assert.That(Body, Is.EqualTo(second));
        Assert.That(Meters["gateway.coap.transfers.dropped/restarted"], Is.EqualTo(1));
    }

    [Test]
    public async Task The_server_asks_for_the_size_that_it_prefers_and_takes_whatever_comes()
    {
        await RestartAsync(new CoapSettings { BlockSize = 64 });
        Put(1, "0/1/128").Expect(ACK, 1, "2.31").Carrying("1:0/1/64");
        Put(2, "2/1/64").Expect(ACK, 2, "2.31").Carrying("1:2/1/64");
        Put(3, "12/1/16").Expect(ACK, 3, "2.31").Carrying("1:12/1/16");
        Put(4, "13/1/16").Expect(ACK, 4, "2.31");
        Put(5, "7/1/32").Expect(ACK, 5, "2.31").Carrying("1:7/1/32");
        Put(6, "4/0/64").Expect(ACK, 6, "2.04").Carrying("1:4/0/64");

        Assert.That(Body, Is.EqualTo(Whole));
    }

    [Test]
    public void A_client_may_go_down_from_the_largest_size_after_the_first_answer()
    {
        var whole = Text(1500);
        Put(1, "0/1/1024", whole).Expect(ACK, 1, "2.31").Carrying("1:0/1/1024");
        for (var number = 16; number < 23; number++)
        {
            Put(number, $"{number}/1/64", whole).Expect(ACK, number, "2.31");
        }

        Put(99, "23/0/64", whole).Expect(ACK, 99, "2.04");
        Assert.That(Body, Is.EqualTo(whole));
    }

    [TestCase("0/1/64", 63)]
    [TestCase("0/1/64", 65)]
    [TestCase("0/1/64", 0)]
    [TestCase("0/0/64", 65)]
    public void A_block_that_is_not_as_long_as_it_says_is_a_bad_request(string block, int length) =>
        Device.Send(CON, 1, PUT, "/m", Text(length), Block1(block)).Expect(ACK, 1, "4.00");

    [TestCase(OptionNumber.Block1)]
    [TestCase(OptionNumber.Block2)]
    public void Section2_2_The_reserved_size_is_a_bad_request(int number) =>
        Device.Send(CON, 1, PUT, "/m", "x", Uint(number, 7)).Expect(ACK, 1, "4.00");

    [TestCase(OptionNumber.Block1)]
    [TestCase(OptionNumber.Block2)]
    public void Section2_1_An_option_of_four_bytes_or_twice_is_a_bad_option(int number)
    {
        Device.Send(CON, 1, PUT, "/m", "x", Uint(number, 0x01000000)).Expect(ACK, 1, "4.02");
        Device.Send(CON, 2, PUT, "/m", "x", Uint(number, 0), Uint(number, 0)).Expect(ACK, 2, "4.02");
    }

    [Test]
    public void Section2_3_Blocks_of_another_Content_Format_belong_to_another_body()
    {
        Put(1, "0/1/256").Expect(ACK, 1, "2.31");
        Device.Send(CON, 2, PUT, "/m", Part(Whole, "1/0/256"), Block1("1/0/256"), Uint(OptionNumber.ContentFormat, 50)).Expect(ACK, 2, "4.08");
        Put(3, "1/0/256").Expect(ACK, 3, "2.04");
    }

    [Test]
    public void Transfers_to_different_resources_and_with_different_methods_are_kept_apart()
    {
        var other = new string('z', 300);
        Put(1, "0/1/256").Expect(ACK, 1, "2.31");
        Device.Send(CON, 2, PUT, "/n", Part(other, "0/1/256"), Block1("0/1/256")).Expect(ACK, 2, "2.31");
        Device.Send(CON, 3, POST, "/m", Part(other, "0/1/256"), Block1("0/1/256")).Expect(ACK, 3, "2.31");
        Put(4, "1/0/256").Expect(ACK, 4, "2.04");
        Assert.That(Body, Is.EqualTo(Whole));
        Device.Send(CON, 5, PUT, "/n", Part(other, "1/0/256"), Block1("1/0/256")).Expect(ACK, 5, "2.04");
        Assert.That(Body, Is.EqualTo(other));
        Device.Send(CON, 6, POST, "/m", Part(other, "1/0/256"), Block1("1/0/256")).Expect(ACK, 6, "2.04");

        Assert.That(Asked, Is.EqualTo(new[] { "PUT /m 300", "PUT /n 300", "POST /m 300" }));
    }

    [Test]
    public void Devices_behind_one_address_are_kept_apart()
    {
        var neighbour = Server.NewPeer();
        Put(1, "0/1/256").Expect(ACK, 1, "2.31");
        neighbour.Send(CON, 1, PUT, "/m", Part(Whole, "1/0/256"), Block1("1/0/256")).Expect(ACK, 1, "4.08");
    }

    private ScriptedPeer Put(int id, string block, string? whole = null, MessageType type = CON) =>
        Device.Send(type, id, PUT, "/m", Part(whole ?? Whole, block), Block1(block));
}
