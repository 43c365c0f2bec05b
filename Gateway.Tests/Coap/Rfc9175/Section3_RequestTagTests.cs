using Gateway.Coap;
using Gateway.Tests.Coap.Rfc7959;
using static Gateway.Tests.Coap.Codes;
using static Gateway.Tests.Coap.Rfc7959.Blocks;

namespace Gateway.Tests.Coap.Rfc9175;

/// <summary>RFC 9175 §3: blocks belong to one body only if their lists of Request-Tags are the same.</summary>
internal sealed class Section3_RequestTagTests : BlockwiseTest
{
    private static readonly string First = Text(300);
    private static readonly string Second = new('s', 300);

    [Test]
    public void Bodies_with_different_tags_are_sent_to_one_resource_at_once()
    {
        Put(1, First, "0/1/128", RequestTag(1)).Expect(ACK, 1, "2.31");
        Put(2, Second, "0/1/128", RequestTag(2)).Expect(ACK, 2, "2.31");
        Put(3, First, "1/1/128", RequestTag(1)).Expect(ACK, 3, "2.31");
        Put(4, Second, "1/1/128", RequestTag(2)).Expect(ACK, 4, "2.31");
        Put(5, Second, "2/0/128", RequestTag(2)).Expect(ACK, 5, "2.04");
        Assert.That(Body, Is.EqualTo(Second));
        Put(6, First, "2/0/128", RequestTag(1)).Expect(ACK, 6, "2.04");
        Assert.That(Body, Is.EqualTo(First));
    }

    [Test]
    public void No_tag_an_empty_one_and_a_list_of_them_are_all_different()
    {
        CoapOption[][] tags = [[], [RequestTag()], [RequestTag(1, 2)], [RequestTag(1), RequestTag(2)]];
        for (var index = 0; index < tags.Length; index++)
        {
            Put(index, new string((char)('a' + index), 300), "0/1/256", tags[index]).Expect(ACK, index, "2.31");
        }

        for (var index = 0; index < tags.Length; index++)
        {
            Put(10 + index, new string((char)('a' + index), 300), "1/0/256", tags[index]).Expect(ACK, 10 + index, "2.04");
            Assert.That(Body, Is.EqualTo(new string((char)('a' + index), 300)));
        }
    }

    [Test]
    public void A_block_with_another_tag_does_not_go_into_the_body()
    {
        Put(1, First, "0/1/256", RequestTag(1)).Expect(ACK, 1, "2.31");
        Put(2, First, "1/0/256", RequestTag(2)).Expect(ACK, 2, "4.08");
        Put(3, First, "1/0/256").Expect(ACK, 3, "4.08");

        Assert.That(Asked, Is.Empty);
    }

    [Test]
    public void Answers_to_requests_with_different_tags_are_fetched_at_once()
    {
        Device.Send(CON, 1, GET, "/large", "", RequestTag(1), Block2("0/0/256")).Expect(ACK, 1, "2.05");
        var first = Device.Last.ETag();
        Large = Large with { Payload = System.Text.Encoding.UTF8.GetBytes(Second) };
        Device.Send(CON, 2, GET, "/large", "", RequestTag(2), Block2("0/0/256")).Expect(ACK, 2, "2.05");
        Assert.That(Device.Last.ETag(), Is.Not.EqualTo(first));
        Device.Send(CON, 3, GET, "/large", "", RequestTag(1), Block2("1/0/256")).Expect(ACK, 3, "2.05").Saying(Part(First, "1/0/256"));
        Device.Send(CON, 4, GET, "/large", "", RequestTag(2), Block2("1/0/256")).Expect(ACK, 4, "2.05").Saying(Part(Second, "1/0/256"));
    }

    [Test]
    public void A_tag_that_is_too_long_is_skipped_as_an_elective_option_is() =>
        Device.Send(CON, 1, PUT, "/m", "x", RequestTag(1, 2, 3, 4, 5, 6, 7, 8, 9)).Expect(ACK, 1, "2.04");

    [Test]
    public void What_is_said_of_one_block_only_does_not_make_it_another_body()
    {
        Put(1, First, "0/1/256", RequestTag(1), Uint(OptionNumber.Size1, 300)).Expect(ACK, 1, "2.31");
        Put(2, First, "1/0/256", RequestTag(1), new CoapOption(OptionNumber.Echo, "e"u8.ToArray())).Expect(ACK, 2, "2.04");
    }

    private ScriptedPeer Put(int id, string whole, string block, params CoapOption[] options) =>
        Device.Send(CON, id, PUT, "/m", Part(whole, block), [Block1(block), .. options]);
}
