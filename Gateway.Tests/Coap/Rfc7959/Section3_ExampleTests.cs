using System.Text;
using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;
using static Gateway.Tests.Coap.Rfc7959.Blocks;

namespace Gateway.Tests.Coap.Rfc7959;

/// <summary>The conversations of RFC 7959 §3, message by message, against a server that prefers blocks of 128 bytes.</summary>
internal sealed class Section3_ExampleTests : BlockwiseTest
{
    [SetUp]
    public Task PreferBlocksOf128Async() => RestartAsync(new CoapSettings { BlockSize = 128 });

    [Test]
    public void Section3_1_A_simple_GET()
    {
        Get(1234).Expect(ACK, 1234, "2.05").Carrying("2:0/1/128");
        Get(1235, "1/0/128").Expect(ACK, 1235, "2.05").Carrying("2:1/1/128");
        Get(1236, "2/0/128").Expect(ACK, 1236, "2.05").Carrying("2:2/0/128");
    }

    [Test]
    public void Section3_1_A_GET_with_early_negotiation()
    {
        Get(1234, "0/0/64").Expect(ACK, 1234, "2.05").Carrying("2:0/1/64");
        Get(1235, "1/0/64").Expect(ACK, 1235, "2.05").Carrying("2:1/1/64");
        Get(1236, "2/0/64").Expect(ACK, 1236, "2.05").Carrying("2:2/1/64");
        Get(1237, "3/0/64").Expect(ACK, 1237, "2.05").Carrying("2:3/1/64");
        Get(1238, "4/0/64").Expect(ACK, 1238, "2.05").Carrying("2:4/0/64");
    }

    [Test]
    public void Section3_1_A_GET_with_late_negotiation()
    {
        Get(1234).Expect(ACK, 1234, "2.05").Carrying("2:0/1/128");
        Get(1235, "2/0/64").Expect(ACK, 1235, "2.05").Carrying("2:2/1/64");
        Get(1236, "3/0/64").Expect(ACK, 1236, "2.05").Carrying("2:3/1/64");
        Get(1237, "4/0/64").Expect(ACK, 1237, "2.05").Carrying("2:4/0/64");
    }

    [Test]
    public void Section3_1_A_GET_with_late_negotiation_whose_request_was_lost_and_one_whose_answer_was()
    {
        Get(1234).Expect(ACK, 1234, "2.05").Carrying("2:0/1/128");
        Get(1235, "2/0/64").Expect(ACK, 1235, "2.05").Carrying("2:2/1/64");
        var answer = Device.LastDatagram;

        // A lost request never came; to the server it is as if it came late. A lost answer has the request come again.
        Get(1235, "2/0/64").Expect(ACK, 1235, "2.05").Carrying("2:2/1/64");
        Assert.That(Device.LastDatagram, Is.EqualTo(answer));
        Get(1236, "3/0/64").Expect(ACK, 1236, "2.05").Carrying("2:3/1/64");
        Get(1237, "4/0/64").Expect(ACK, 1237, "2.05").Carrying("2:4/0/64");
    }

    [Test]
    public void Section3_2_A_simple_atomic_PUT()
    {
        Put(1234, "0/1/128").Expect(ACK, 1234, "2.31").Carrying("1:0/1/128");
        Put(1235, "1/1/128").Expect(ACK, 1235, "2.31").Carrying("1:1/1/128");
        Put(1236, "2/0/128").Expect(ACK, 1236, "2.04").Carrying("1:2/0/128");
    }

    [Test]
    public async Task Section3_2_An_atomic_PUT_with_negotiation()
    {
        await RestartAsync(new CoapSettings { BlockSize = 32 });
        Put(1234, "0/1/128").Expect(ACK, 1234, "2.31").Carrying("1:0/1/32");
        Put(1235, "4/1/32").Expect(ACK, 1235, "2.31").Carrying("1:4/1/32");
        Put(1236, "5/1/32").Expect(ACK, 1236, "2.31").Carrying("1:5/1/32");
        Put(1237, "6/0/32", Text(200)).Expect(ACK, 1237, "2.04").Carrying("1:6/0/32");
        Assert.That(Body, Is.EqualTo(Text(200)));
    }

    [Test]
    public void Section3_3_An_atomic_POST_whose_answer_comes_in_blocks()
    {
        AnswerLarge();
        Post(1234, Part(Text(300), "0/1/128"), Block1("0/1/128")).Expect(ACK, 1234, "2.31").Carrying("1:0/1/128");
        Post(1235, Part(Text(300), "1/1/128"), Block1("1/1/128")).Expect(ACK, 1235, "2.31").Carrying("1:1/1/128");
        Post(1236, Part(Text(300), "2/0/128"), Block1("2/0/128")).Expect(ACK, 1236, "2.04").Carrying("1:2/0/128 2:0/1/128");
        Post(1237, "", Block2("1/0/128")).Expect(ACK, 1237, "2.04").Carrying("2:1/1/128");
        Post(1238, "", Block2("2/0/128")).Expect(ACK, 1238, "2.04").Carrying("2:2/1/128");
        Post(1239, "", Block2("3/0/128")).Expect(ACK, 1239, "2.04").Carrying("2:3/0/128").Saying(Part(Text(400), "3/0/128"));

        Assert.That(Asked, Is.EqualTo(new[] { "POST /m 300" }));
    }

    [Test]
    public void Section3_3_An_atomic_POST_whose_client_asks_for_smaller_blocks_of_the_answer()
    {
        AnswerLarge();
        Post(1234, Part(Text(300), "0/1/128"), Block1("0/1/128")).Expect(ACK, 1234, "2.31").Carrying("1:0/1/128");
        Post(1235, Part(Text(300), "1/1/128"), Block1("1/1/128")).Expect(ACK, 1235, "2.31").Carrying("1:1/1/128");
        Post(1236, Part(Text(300), "2/0/128"), Block1("2/0/128"), Block2("0/0/64")).Expect(ACK, 1236, "2.04").Carrying("1:2/0/128 2:0/1/64");
        Post(1237, "", Block2("1/0/64")).Expect(ACK, 1237, "2.04").Carrying("2:1/1/64");
        Post(1238, "", Block2("6/0/64")).Expect(ACK, 1238, "2.04").Carrying("2:6/0/64").Saying(Part(Text(400), "6/0/64"));
    }

    [Test]
    public void Section3_3_The_last_block_can_come_again_while_the_answer_is_fetched()
    {
        AnswerLarge();
        Post(1, Part(Text(200), "0/1/128"), Block1("0/1/128")).Expect(ACK, 1, "2.31");
        Post(2, Part(Text(200), "1/0/128"), Block1("1/0/128")).Expect(ACK, 2, "2.04").Carrying("1:1/0/128 2:0/1/128");
        Post(3, Part(Text(200), "1/0/128"), Block1("1/0/128")).Expect(ACK, 3, "2.04").Carrying("1:1/0/128 2:0/1/128").Saying(Part(Text(400), "0/1/128"));
        Post(4, "", Block2("1/0/128")).Expect(ACK, 4, "2.04").Carrying("2:1/1/128");

        Assert.That(Asked, Has.Count.EqualTo(1));
    }

    private void AnswerLarge() =>
        Answer = _ => ValueTask.FromResult(new CoapResponse(CoapCode.Changed) { Payload = Encoding.UTF8.GetBytes(Text(400)) });

    private ScriptedPeer Get(int id, string? block = null) => Device.Send(CON, id, GET, "/large", "", block is null ? [] : [Block2(block)]);

    private ScriptedPeer Put(int id, string block, string? whole = null) =>
        Device.Send(CON, id, PUT, "/m", Part(whole ?? Text(300), block), Block1(block));

    private ScriptedPeer Post(int id, string payload, params CoapOption[] options) => Device.Send(CON, id, POST, "/m", payload, options);
}
