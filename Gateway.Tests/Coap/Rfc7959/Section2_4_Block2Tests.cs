using System.Text;
using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;
using static Gateway.Tests.Coap.Rfc7959.Blocks;

namespace Gateway.Tests.Coap.Rfc7959;

/// <summary>RFC 7959 §2.4: an answer that is larger than a block is fetched block by block.</summary>
internal sealed class Section2_4_Block2Tests : BlockwiseTest
{
    private static readonly string Whole = Text(300);

    [Test]
    public async Task A_large_answer_is_cut_though_nobody_asked_for_it()
    {
        await RestartAsync(new CoapSettings { BlockSize = 128 });
        Get(1).Expect(ACK, 1, "2.05").Carrying("2:0/1/128").Saying(Part(Whole, "0/1/128"));
        Get(2, "1/0/128").Expect(ACK, 2, "2.05").Carrying("2:1/1/128").Saying(Part(Whole, "1/1/128"));
        Get(3, "2/0/128").Expect(ACK, 3, "2.05").Carrying("2:2/0/128").Saying(Part(Whole, "2/0/128"));

        Assert.That(Asked, Is.EqualTo(new[] { "GET /large 0" }), "the further blocks are of the kept answer");
    }

    [Test]
    public void An_answer_of_one_block_is_not_cut()
    {
        Get(1).Expect(ACK, 1, "2.05").Carrying("").Saying(Whole);
        Assert.That(Meters["gateway.coap.transfers"], Is.Zero);
    }

    [Test]
    public void A_client_that_begins_with_Block2_is_told_that_one_block_was_enough() =>
        Get(1, "0/0/512").Expect(ACK, 1, "2.05").Carrying("2:0/0/512").Saying(Whole);

    [Test]
    public void The_client_chooses_a_smaller_size_at_any_time()
    {
        Get(1, "0/0/256").Expect(ACK, 1, "2.05").Carrying("2:0/1/256");
        Get(2, "16/0/16").Expect(ACK, 2, "2.05").Carrying("2:16/1/16").Saying(Part(Whole, "16/0/16"));
        Get(3, "17/0/16").Expect(ACK, 3, "2.05").Carrying("2:17/1/16").Saying(Part(Whole, "17/0/16"));
        Get(4, "18/0/16").Expect(ACK, 4, "2.05").Carrying("2:18/0/16").Saying(Part(Whole, "18/0/16"));
    }

    [Test]
    public async Task A_larger_size_than_the_servers_gets_the_servers()
    {
        await RestartAsync(new CoapSettings { BlockSize = 64 });
        Get(1, "0/0/1024").Expect(ACK, 1, "2.05").Carrying("2:0/1/64");
        Get(2, "1/0/128").Expect(ACK, 2, "2.05").Carrying("2:2/1/64").Saying(Part(Whole, "2/1/64"));
    }

    [Test]
    public void Blocks_can_be_fetched_in_any_order_and_again()
    {
        Get(1, "2/0/128").Expect(ACK, 1, "2.05").Carrying("2:2/0/128").Saying(Part(Whole, "2/0/128"));
        Get(2, "0/0/128").Expect(ACK, 2, "2.05").Carrying("2:0/1/128");
        Get(3, "1/0/128").Expect(ACK, 3, "2.05").Carrying("2:1/1/128");
        Get(4, "1/0/128").Expect(ACK, 4, "2.05").Carrying("2:1/1/128").Saying(Part(Whole, "1/1/128"));
    }

    [Test]
    public void The_M_bit_of_a_request_is_ignored() => Get(1, "0/1/128").Expect(ACK, 1, "2.05").Carrying("2:0/1/128");

    [Test]
    public void Every_block_has_the_same_ETag_and_format_and_another_body_another_one()
    {
        Get(1, "0/0/128").Expect(ACK, 1, "2.05");
        var first = Device.Last.ETag();
        Get(2, "1/0/128").Expect(ACK, 2, "2.05");
        Assert.That((Device.Last.ETag(), Device.Last.FindUint(OptionNumber.ContentFormat)), Is.EqualTo((first, 0u)));
        Assert.That(first, Has.Length.EqualTo(16));
        Large = Large with { Payload = Encoding.UTF8.GetBytes(new string('x', 300)) };
        Get(3, "2/0/128").Expect(ACK, 3, "2.05");
        Assert.That(Device.Last.ETag(), Is.EqualTo(first), "the transfer that is under way goes on with what it began with");
        Get(4, "0/0/128").Expect(ACK, 4, "2.05");
        Assert.That(Device.Last.ETag(), Is.Not.EqualTo(first));
    }

    [Test]
    public void A_resources_own_ETag_stays()
    {
        Large = Large with { ETag = "abc"u8.ToArray() };
        Get(1, "0/0/128").Expect(ACK, 1, "2.05");
        Assert.That(Device.Last.ETag(), Is.EqualTo("616263"));
    }

    [Test]
    public void Once_forgotten_a_GET_is_asked_again()
    {
        Get(1, "0/0/128").Expect(ACK, 1, "2.05");
        var before = Device.Last.ETag();
        Time.Advance(TransmissionParameters.Default.ExchangeLifetime);
        Get(2, "1/0/128").Expect(ACK, 2, "2.05").Carrying("2:1/1/128").Saying(Part(Whole, "1/1/128"));

        Assert.That(Device.Last.ETag(), Is.EqualTo(before));
        Assert.That(Asked, Has.Count.EqualTo(2));
        Assert.That(Meters["gateway.coap.transfers.dropped/expired"], Is.EqualTo(1));
    }

    [Test]
    public void Once_forgotten_a_POST_is_not_asked_again()
    {
        Device.Send(CON, 1, POST, "/large", "q", Block2("0/0/128")).Expect(ACK, 1, "2.05").Carrying("2:0/1/128");
        Time.Advance(TransmissionParameters.Default.ExchangeLifetime);
        Device.Send(CON, 2, POST, "/large", "", Block2("1/0/128")).Expect(ACK, 2, "4.08");

        Assert.That(Asked, Has.Count.EqualTo(1));
    }

    [Test]
    public void Once_forgotten_a_FETCH_is_asked_again_if_it_says_what_for()
    {
        Device.Send(CON, 1, CoapCode.Fetch, "/large", "", Block2("1/0/128")).Expect(ACK, 1, "4.08");
        Device.Send(CON, 2, CoapCode.Fetch, "/large", "q", Block2("1/0/128")).Expect(ACK, 2, "2.05").Carrying("2:1/1/128");
    }

    [TestCase("3/0/128")]
    [TestCase("1048575/0/1024")]
    public void A_block_behind_the_end_is_a_bad_request(string block)
    {
        Get(1, block).Expect(ACK, 1, "4.00");
        Get(2, "0/0/128").Expect(ACK, 2, "2.05");
        Get(3, block).Expect(ACK, 3, "4.00");
    }

    [Test]
    public void A_body_that_ends_with_a_block_has_no_further_one()
    {
        Large = Large with { Payload = Encoding.UTF8.GetBytes(Text(256)) };
        Get(1, "1/0/128").Expect(ACK, 1, "2.05").Carrying("2:1/0/128");
        Get(2, "2/0/128").Expect(ACK, 2, "4.00");
    }

    [Test]
    public void Section4_The_first_block_says_how_large_the_body_is()
    {
        Get(1, "0/0/128").Expect(ACK, 1, "2.05");
        Assert.That(Device.Last.FindUint(OptionNumber.Size2), Is.EqualTo(300));
        Get(2, "1/0/128").Expect(ACK, 2, "2.05");
        Assert.That(Device.Last.FindUint(OptionNumber.Size2), Is.Null);
    }

    [Test]
    public void Section4_Whoever_asks_how_large_the_body_is_is_told()
    {
        Device.Send(CON, 1, GET, "/large", "", Uint(OptionNumber.Size2, 0)).Expect(ACK, 1, "2.05").Carrying("2:0/0/1024");
        Assert.That(Device.Last.FindUint(OptionNumber.Size2), Is.EqualTo(300));
        Device.Send(CON, 2, GET, "/large", "", Block2("1/0/128"), Uint(OptionNumber.Size2, 0)).Expect(ACK, 2, "2.05");
        Assert.That(Device.Last.FindUint(OptionNumber.Size2), Is.EqualTo(300));
    }

    [Test]
    public void An_error_is_shortened_to_a_block_and_never_in_the_midst_of_a_character()
    {
        Large = CoapResponse.Error(CoapCode.NotFound, new string('ü', 300));
        Get(1, "0/0/16").Expect(ACK, 1, "4.04").Carrying("").Saying(new string('ü', 8));
        Large = CoapResponse.Error(CoapCode.NotFound, "x" + new string('ü', 600));
        Get(2).Expect(ACK, 2, "4.04").Saying("x" + new string('ü', 511));
    }

    [Test]
    public void An_error_that_is_no_text_is_cut()
    {
        Large = Large with { Code = CoapCode.BadRequest, ContentFormat = 50 };
        Get(1, "0/0/256").Expect(ACK, 1, "4.00").Carrying("2:0/1/256");
        Get(2, "1/0/256").Expect(ACK, 2, "4.00").Carrying("2:1/0/256").Saying(Part(Whole, "1/0/256"));
    }

    [Test]
    public void Nothing_to_tell_needs_no_block()
    {
        Large = new CoapResponse(CoapCode.Valid) { ETag = "a"u8.ToArray() };
        Get(1, "0/0/64").Expect(ACK, 1, "2.03").Carrying("");
    }

    [Test]
    public void Section2_6_Only_the_first_block_of_a_notification_is_one()
    {
        Large = Large with { MoreOptions = [Uint(OptionNumber.Observe, 5)] };
        Device.Send(CON, 1, GET, "/large", "", Uint(OptionNumber.Observe, 0), Block2("0/0/256")).Expect(ACK, 1, "2.05");
        Assert.That(Device.Last.FindUint(OptionNumber.Observe), Is.EqualTo(5));
        Get(2, "1/0/256").Expect(ACK, 2, "2.05").Saying(Part(Whole, "1/0/256"));

        Assert.That(Device.Last.FindUint(OptionNumber.Observe), Is.Null);
        Assert.That(Asked, Has.Count.EqualTo(1));
    }

    [Test]
    public void Further_blocks_are_of_the_request_with_the_same_options()
    {
        Device.Send(CON, 1, POST, "/large", "a", Block2("0/0/128"), new CoapOption(OptionNumber.UriQuery, "a"u8.ToArray())).Expect(ACK, 1, "2.05");
        Device.Send(CON, 2, POST, "/large", "", Block2("1/0/128"), new CoapOption(OptionNumber.UriQuery, "b"u8.ToArray())).Expect(ACK, 2, "4.08");
        Device.Send(CON, 3, POST, "/large", "", Block2("1/0/128"), new CoapOption(OptionNumber.UriQuery, "a"u8.ToArray())).Expect(ACK, 3, "2.05");
        Server.NewPeer().Send(CON, 3, POST, "/large", "", Block2("1/0/128"), new CoapOption(OptionNumber.UriQuery, "a"u8.ToArray())).Expect(ACK, 3, "4.08");
    }

    private ScriptedPeer Get(int id, string? block = null) =>
        Device.Send(CON, id, GET, "/large", "", block is null ? [] : [Block2(block)]);
}
