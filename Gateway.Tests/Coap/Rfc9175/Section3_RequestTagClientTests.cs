using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc9175;

/// <summary>RFC 9175 §3, the client's side of Request-Tag: two bodies that go to one server at a time are told apart.</summary>
internal sealed class Section3_RequestTagClientTests : ClientTest
{
    [Test]
    public async Task Only_the_second_of_two_bodies_at_a_time_needs_a_tag_and_has_it_in_each_block()
    {
        var puttings = new[] { PutTwoBlocks(), PutTwoBlocks() };
        var blocks = Enumerable.Range(0, 4).Select(_ => TakeBlock()).ToList();
        await Task.WhenAll(puttings);

        Assert.That(blocks.Select(block => $"{TagOf(block) ?? "none"} {NumberOf(block)}"), Is.EquivalentTo(new[] { "none 0", "none 1", "01 0", "01 1" }));
    }

    [Test]
    public async Task A_tag_that_is_free_again_is_used_again()
    {
        for (var round = 0; round < 3; round++)
        {
            var putting = PutTwoBlocks();
            Assert.That(new[] { TagOf(TakeBlock()), TagOf(TakeBlock()) }, Is.All.Null);
            await putting;
        }
    }

    private static string? TagOf(CoapMessage block) =>
        BlockOptions.Find(block.Options, OptionNumber.RequestTag) is { } tag ? Convert.ToHexStringLower(tag.Span) : null;

    private static int NumberOf(CoapMessage block) => BlockOf(block).Number;

    private static BlockOption BlockOf(CoapMessage block) =>
        BlockOptions.TryFind(block.Options, OptionNumber.Block1, out var found) && found is { } value ? value : throw new AssertionException("no Block1");

    // NSTART is 1: the other body's block waits until this one is acknowledged.
    private CoapMessage TakeBlock()
    {
        var block = Server.Receive();
        var number = BlockOf(block);
        Server.Send(new CoapMessage(ACK, number.More ? CoapCode.Continue : CoapCode.Changed, block.Id)
        {
            Token = block.Token,
            Options = [number.ToOption(OptionNumber.Block1)],
        });
        return block;
    }

    private Task<CoapMessage> PutTwoBlocks()
    {
        Assert.That(CoapUri.TryParse($"coap://127.0.0.1:{Server.Port}/m", out var uri, out var problem), problem);
        return Client.SendAsync(new ClientRequest(PUT, uri!) { Payload = new byte[32], BlockSize = 16 }, CancellationToken.None);
    }
}
