using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7959;

/// <summary>RFC 7959 as a client follows it, without a socket: what it sends, what it makes of each answer.</summary>
internal sealed class BlockwiseClientTests
{
    private static readonly byte[] Body = [.. Enumerable.Range(0, 1300).Select(value => (byte)value)];

    [Test]
    public void Section2_5_A_small_body_goes_out_as_it_is()
    {
        var exchange = NewExchange(POST, Body[..1024]);

        Assert.That(exchange.First.Next!.Options, Is.Empty);
        Assert.That(exchange.Take(Answer("2.04")).Answer!.Code, Is.EqualTo(CoapCode.Changed));
    }

    [Test]
    public void Section2_5_A_large_body_goes_out_block_by_block()
    {
        var exchange = NewExchange(POST, Body, blockSize: 512);

        Assert.That(Describe(exchange.First), Is.EqualTo("1:0/1/512 512 Size1=1300"));
        Assert.That(Describe(exchange.Take(Answer("2.31", Block1(0, true, 512)))), Is.EqualTo("1:1/1/512 512"));
        Assert.That(Describe(exchange.Take(Answer("2.31", Block1(1, true, 512)))), Is.EqualTo("1:2/0/512 276"));
        Assert.That(exchange.Take(Answer("2.04", Block1(2, false, 512))).Answer!.Code, Is.EqualTo(CoapCode.Changed));
    }

    [Test]
    public void Section2_5_What_follows_is_in_the_smaller_size_that_the_server_prefers()
    {
        var exchange = NewExchange(POST, Body);

        Assert.That(Describe(exchange.First), Is.EqualTo("1:0/1/1024 1024 Size1=1300"));
        Assert.That(Describe(exchange.Take(Answer("2.31", Block1(0, true, 64)))), Is.EqualTo("1:16/1/64 64"));
        Assert.That(Describe(exchange.Take(Answer("2.31", Block1(16, true, 1024)))), Is.EqualTo("1:17/1/64 64"));
    }

    [Test]
    public void Section2_3_A_server_may_act_on_each_block_alone()
    {
        var exchange = NewExchange(PUT, Body);
        _ = exchange.First;

        Assert.That(Describe(exchange.Take(Answer("2.04", Block1(0, false, 1024)))), Is.EqualTo("1:1/0/1024 276"));
    }

    [TestCase("4.08")]
    [TestCase("4.03")]
    [TestCase("5.00")]
    public void Section2_9_An_error_ends_it(string code)
    {
        var exchange = NewExchange(POST, Body);

        Assert.That(exchange.Take(Answer(code, Block1(0, false, 1024))).Answer!.Code, Is.EqualTo(Code(code)));
    }

    [Test]
    public void Section2_9_3_Too_large_with_a_smaller_size_starts_anew_in_that_size_but_only_once()
    {
        var exchange = NewExchange(POST, Body);

        Assert.That(Describe(exchange.Take(Answer("4.13", Block1(0, true, 256)))), Is.EqualTo("1:0/1/256 256 Size1=1300"));
        Assert.That(exchange.Take(Answer("4.13", Block1(0, true, 64))).Answer!.Code, Is.EqualTo(CoapCode.RequestEntityTooLarge));
    }

    [Test]
    public void Section2_9_3_Too_large_for_one_datagram_starts_anew_in_blocks()
    {
        var exchange = NewExchange(POST, Body[..1000]);

        Assert.That(Describe(exchange.First), Is.EqualTo("1000"));
        Assert.That(Describe(exchange.Take(Answer("4.13", Block1(0, true, 256)))), Is.EqualTo("1:0/1/256 256 Size1=1000"));
    }

    [Test]
    public void Section2_9_3_Too_large_without_a_smaller_size_ends_it()
    {
        var exchange = NewExchange(POST, Body);

        Assert.That(exchange.Take(Answer("4.13", Block1(0, true, 1024))).Answer!.Code, Is.EqualTo(CoapCode.RequestEntityTooLarge));
    }

    [TestCase(1299, false)]
    [TestCase(1300, true)]
    public void Section2_9_3_A_body_that_is_too_large_in_any_blocks_is_not_sent_again(int most, bool again)
    {
        var answer = Answer("4.13", Block1(0, true, 256));
        answer = answer with { Options = [.. answer.Options, UintOption.Of(OptionNumber.Size1, (uint)most)] };

        Assert.That(NewExchange(POST, Body).Take(answer).Next, again ? Is.Not.Null : Is.Null);
    }

    [Test]
    public void Section2_4_A_further_answer_without_its_block_ends_it()
    {
        var exchange = NewExchange(GET, []);
        exchange.Take(Part(0, 512));

        Assert.That(exchange.Take(Answer("2.05")).Error, Is.EqualTo(BlockwiseError.OutOfSequence));
    }

    [Test]
    public void Section2_5_An_answer_about_another_block_ends_it() =>
        Assert.That(NewExchange(POST, Body).Take(Answer("2.31", Block1(1, true, 1024))).Error, Is.EqualTo(BlockwiseError.OutOfSequence));

    [Test]
    public void Section2_9_1_Continue_without_a_block_ends_it() =>
        Assert.That(NewExchange(POST, Body).Take(Answer("2.31")).Error, Is.EqualTo(BlockwiseError.OutOfSequence));

    [Test]
    public void Section2_9_1_Continue_to_what_was_no_block_ends_it() =>
        Assert.That(NewExchange(POST, []).Take(Answer("2.31", Block1(0, true, 1024))).Error, Is.EqualTo(BlockwiseError.OutOfSequence));

    [TestCase(OptionNumber.Block1)]
    [TestCase(OptionNumber.Block2)]
    public void Section2_2_A_reserved_size_ends_it(int number) =>
        Assert.That(NewExchange(POST, []).Take(Answer("2.05", new CoapOption(number, new byte[] { 7 }))).Error, Is.EqualTo(BlockwiseError.Malformed));

    [Test]
    public void Section2_4_An_answer_in_blocks_is_put_together()
    {
        var exchange = NewExchange(GET, []);

        Assert.That(Describe(exchange.Take(Part(0, 512))), Is.EqualTo("2:1/0/512 0"));
        Assert.That(Describe(exchange.Take(Part(1, 512))), Is.EqualTo("2:2/0/512 0"));
        var whole = exchange.Take(Part(2, 512)).Answer!;
        Assert.That(whole.Payload.ToArray(), Is.EqualTo(Body));
        Assert.That(whole.Options.Select(option => option.Number), Is.EqualTo(new[] { OptionNumber.ETag }));
    }

    [Test]
    public void Section2_4_Block_sizes_may_shrink_on_the_way()
    {
        var exchange = NewExchange(GET, []);

        Assert.That(Describe(exchange.Take(Part(0, 1024))), Is.EqualTo("2:1/0/1024 0"));
        Assert.That(Describe(exchange.Take(Part(8, 128))), Is.EqualTo("2:9/0/128 0"));
    }

    [Test]
    public void Section2_4_What_changes_on_the_way_is_fetched_anew_but_only_once()
    {
        var exchange = NewExchange(GET, []);
        exchange.Take(Part(0, 512));

        Assert.That(Describe(exchange.Take(Part(1, 512, etag: 2))), Is.EqualTo("2:0/0/512 0"));
        Assert.That(Describe(exchange.Take(Part(0, 512, etag: 2))), Is.EqualTo("2:1/0/512 0"));
        Assert.That(exchange.Take(Part(1, 512, etag: 3)).Error, Is.EqualTo(BlockwiseError.Changed));
    }

    [Test]
    public void Section2_4_What_can_not_be_asked_twice_is_not_fetched_anew()
    {
        var exchange = NewExchange(POST, []);
        exchange.Take(Part(0, 512));

        Assert.That(exchange.Take(Part(1, 512, etag: 2)).Error, Is.EqualTo(BlockwiseError.Changed));
    }

    [Test]
    public void Section2_4_A_block_out_of_sequence_ends_it()
    {
        var exchange = NewExchange(GET, []);
        exchange.Take(Part(0, 512));

        Assert.That(exchange.Take(Part(2, 512)).Error, Is.EqualTo(BlockwiseError.OutOfSequence));
    }

    [Test]
    public void Section2_3_A_block_that_is_not_as_long_as_it_says_ends_it() =>
        Assert.That(NewExchange(GET, []).Take(Answer("2.05", Block2(0, true, 64), Body[..63])).Error, Is.EqualTo(BlockwiseError.Malformed));

    [Test]
    public void Section4_A_body_that_is_announced_too_large_is_not_begun()
    {
        var first = Answer("2.05", Block2(0, true, 64), Body[..64]);
        first = first with { Options = [.. first.Options, UintOption.Of(OptionNumber.Size2, 1_000_000)] };

        Assert.That(NewExchange(GET, []).Take(first).Error, Is.EqualTo(BlockwiseError.TooLarge));
    }

    [Test]
    public void A_body_that_grows_too_large_is_not_finished()
    {
        var exchange = new BlockwiseExchange(Request(GET, []), 1024, maxBodySize: 1000);
        exchange.Take(Part(0, 512));

        Assert.That(exchange.Take(Part(1, 512)).Error, Is.EqualTo(BlockwiseError.TooLarge));
    }

    [Test]
    public void An_error_in_the_midst_of_an_answer_is_the_answer()
    {
        var exchange = NewExchange(GET, []);
        exchange.Take(Part(0, 512));

        Assert.That(exchange.Take(Answer("4.04")).Answer!.Code, Is.EqualTo(CoapCode.NotFound));
    }

    [Test]
    public void Section2_6_Further_blocks_are_asked_for_without_Observe()
    {
        var request = Request(GET, []) with { Options = [UintOption.Of(OptionNumber.Observe, 0), UintOption.Of(OptionNumber.Accept, 60)] };
        var next = new BlockwiseExchange(request, 1024, 65536).Take(Part(0, 512)).Next!;

        Assert.That(next.Options.Select(option => option.Number), Is.EqualTo(new[] { OptionNumber.Accept, OptionNumber.Block2 }));
    }

    [Test]
    public void A_body_of_more_blocks_than_can_be_counted_is_not_begun()
    {
        var body = new byte[(16 << 20) + 1];

        Assert.That(new BlockwiseExchange(Request(POST, body), 16, 0).First.Error, Is.EqualTo(BlockwiseError.TooManyBlocks));
        Assert.That(new BlockwiseExchange(Request(POST, body), 32, 0).First.Next, Is.Not.Null);
    }

    private static BlockwiseExchange NewExchange(CoapCode method, byte[] body, int blockSize = 1024) => new(Request(method, body), blockSize, 65536);

    private static CoapMessage Request(CoapCode method, byte[] body) => new(CON, method, default) { Payload = body };

    private static CoapMessage Answer(string code, CoapOption? option = null, byte[]? payload = null) =>
        new(ACK, Code(code), default) { Options = option is { } given ? [given] : [], Payload = payload };

    private static CoapMessage Part(int number, int size, byte etag = 1)
    {
        var end = Math.Min(Body.Length, (number + 1) * size);
        var answer = Answer("2.05", Block2(number, end < Body.Length, size), Body[(number * size)..end]);
        return answer with { Options = [new CoapOption(OptionNumber.ETag, new[] { etag }), .. answer.Options] };
    }

    private static CoapOption Block1(int number, bool more, int size) =>
        new BlockOption(number, more, BlockOption.ExponentFor(size)).ToOption(OptionNumber.Block1);

    private static CoapOption Block2(int number, bool more, int size) =>
        new BlockOption(number, more, BlockOption.ExponentFor(size)).ToOption(OptionNumber.Block2);

    private static string Describe(BlockwiseStep step)
    {
        Assert.That(step.Next, Is.Not.Null, $"{step.Error} {step.Answer?.Code}");
        var parts = new List<string>();
        foreach (var option in step.Next!.Options.Where(option => option.Number is OptionNumber.Block1 or OptionNumber.Block2))
        {
            Assert.That(BlockOption.TryRead(option.Value.Span, out var block), Is.True);
            parts.Add($"{(option.Number == OptionNumber.Block1 ? 1 : 2)}:{block}");
        }

        parts.Add($"{step.Next.Payload.Length}");
        if (BlockOptions.FindUint(step.Next.Options, OptionNumber.Size1) is { } size)
        {
            parts.Add($"Size1={size}");
        }

        return string.Join(' ', parts);
    }
}
