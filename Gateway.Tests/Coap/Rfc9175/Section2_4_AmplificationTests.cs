using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;
using static Gateway.Tests.Coap.Rfc7959.Blocks;

namespace Gateway.Tests.Coap.Rfc9175;

/// <summary>RFC 9175 §2.4 item 3: whoever has not shown that it receives at its address gets no answer much larger than its request.</summary>
internal sealed class Section2_4_AmplificationTests : EchoTest
{
    private const int NotInterestedIn2 = 2;
    private const int NotInterestedIn4 = 8;

    // Header, token and payload marker.
    private const int Head = 4 + 2 + 1;

    [TestCase(136, "2.05")]
    [TestCase(137, "4.01")]
    public void Up_to_136_bytes_go_to_anybody(int size, string code)
    {
        Bench.Answer = EchoBench.Of(size - Head);
        Assert.That(Bench.Ask(GET).Code, Is.EqualTo(Code(code)));
    }

    [TestCase(3, 0, "2.05")]
    [TestCase(3, 1, "4.01")]
    [TestCase(5, 0, "2.05")]
    [TestCase(5, 1, "4.01")]
    public void And_so_many_times_the_request(int factor, int more, string code)
    {
        Restart(new CoapSettings { AmplificationFactor = factor });
        var request = Bench.Request(POST) with { Payload = new byte[90] };
        Bench.Answer = EchoBench.Of((factor * CoapCodec.Encode(request).Length) + more - Head);

        Assert.That(Bench.Ask(request).Code, Is.EqualTo(Code(code)));
    }

    [Test]
    public void A_factor_of_0_asks_nobody()
    {
        Restart(new CoapSettings { AmplificationFactor = 0 });
        Assert.That(Bench.Ask(GET).Code, Is.EqualTo(CoapCode.Content));
    }

    [Test]
    public void Each_peer_has_to_show_it_for_itself()
    {
        Bench.Verify();
        Assert.That(Bench.Ask(GET).Code, Is.EqualTo(CoapCode.Content));
        Assert.That(Bench.Ask(Bench.Request(GET), EchoBench.Other).Code, Is.EqualTo(CoapCode.Unauthorized));
        Assert.That(Bench.Ask(Bench.Request(GET), EchoBench.PeerAt("192.0.2.1:40001")).Code, Is.EqualTo(CoapCode.Unauthorized));
    }

    [Test]
    public void A_challenge_is_itself_small()
    {
        var challenge = Bench.Ask(Bench.Request(GET) with { Token = Token.From(new byte[8]) });
        EchoBench.EchoOf(challenge);
        Assert.That(CoapCodec.Encode(challenge), Has.Length.LessThan(40));
    }

    [Test]
    public void A_duplicate_gets_the_same_challenge()
    {
        var request = Bench.Request(POST);
        var first = Bench.Ask(request);
        Bench.Advance(TimeSpan.FromSeconds(3));

        Assert.That(CoapCodec.Encode(Bench.Ask(request)), Is.EqualTo(CoapCodec.Encode(first)));
        Assert.That(Bench.Asked, Is.EqualTo(1));
    }

    [Test]
    public void A_NON_is_challenged_by_a_NON()
    {
        var request = Bench.Request(POST) with { Type = NON };
        var challenge = Bench.Ask(request);
        var answer = Bench.Ask(Bench.Again(request, EchoBench.EchoOf(challenge)));

        Assert.That((challenge.Type, answer.Type, answer.Code), Is.EqualTo((NON, NON, CoapCode.Content)));
        Assert.That(Bench.Asked, Is.EqualTo(1));
    }

    // "It MUST be sent as a piggybacked or Non-confirmable response, never as a separate one": a CON would be sent again and again.
    [Test]
    public void Where_the_answer_comes_late_the_challenge_is_a_NON_and_not_sent_again()
    {
        var request = Bench.Request(POST, "held");
        Assert.That(Bench.Send(request), Is.Empty);
        Bench.Advance(TimeSpan.FromSeconds(1.5));
        Assert.That(Bench.Take().Single().Code, Is.EqualTo(CoapCode.Empty), "acknowledged");
        Bench.Held.Give(Bench.Answer);
        var challenge = Bench.Take().Single();
        Assert.That((challenge.Type, challenge.Token), Is.EqualTo((NON, request.Token)));
        Bench.Advance(TimeSpan.FromSeconds(100));
        Assert.That(Bench.Take(), Is.Empty);

        Assert.That(Bench.Ask(Bench.Again(request, EchoBench.EchoOf(challenge))).Payload.Length, Is.EqualTo(300));
        Assert.That(Bench.Asked, Is.EqualTo(1));
    }

    [Test]
    public void A_verified_peer_gets_the_late_answer_as_ever()
    {
        Bench.Verify();
        Bench.Send(Bench.Request(GET, "held"));
        Bench.Advance(TimeSpan.FromSeconds(1.5));
        Bench.Take();
        Bench.Held.Give(Bench.Answer);

        Assert.That(Bench.Take().Single().Type, Is.EqualTo(CON));
    }

    [Test]
    public void A_later_block_is_no_way_around()
    {
        Bench.Answer = EchoBench.Of(3000);
        var request = Bench.Request(GET, options: Block2("1/0/1024"));
        var answer = Bench.Ask(Bench.Again(request, EchoBench.EchoOf(Bench.Ask(request))));

        Assert.That(answer.Payload.Length, Is.EqualTo(1024));
        Assert.That(Bench.Ask(GET, Block2("2/0/1024")).Payload.Length, Is.EqualTo(3000 - 2048), "verified now");
    }

    [Test]
    public void Small_blocks_are_for_anybody()
    {
        Bench.Answer = EchoBench.Of(3000);
        Assert.That(Bench.Ask(GET, Block2("0/0/64")).Payload.Length, Is.EqualTo(64));
        Assert.That(Bench.Ask(GET, Block2("7/0/64")).Payload.Length, Is.EqualTo(64));
    }

    [Test]
    public void What_a_POST_answers_in_blocks_is_parked_with_its_first_one()
    {
        Bench.Answer = EchoBench.Of(3000);
        var request = Bench.Request(POST);
        var value = EchoBench.EchoOf(Bench.Ask(request));
        var blocks = new[] { Bench.Ask(Bench.Again(request, value)), Bench.Ask(POST, Block2("1/0/1024")), Bench.Ask(POST, Block2("2/0/1024")) };

        Assert.That(blocks.SelectMany(block => block.Payload.ToArray()), Is.EqualTo(Bench.Answer.Payload.ToArray()));
        Assert.That(Bench.Asked, Is.EqualTo(1));
    }

    [Test]
    public void A_body_that_came_in_blocks_is_taken_once()
    {
        Assert.That(Bench.Ask(Bench.Request(PUT, options: Block1("0/1/16")) with { Payload = new byte[16] }).Code, Is.EqualTo(CoapCode.Continue));
        var last = Bench.Request(PUT, options: Block1("1/0/16")) with { Payload = new byte[9] };
        var answer = Bench.Ask(Bench.Again(last, EchoBench.EchoOf(Bench.Ask(last))));

        Assert.That((answer.Code, answer.Payload.Length), Is.EqualTo((CoapCode.Content, 300)));
        Assert.That(Bench.Asked, Is.EqualTo(1));
    }

    [Test]
    public void When_no_more_can_be_parked_the_answer_goes_in_small_blocks_and_the_deed_is_done_once()
    {
        Bench.Answer = EchoBench.Of(3000);
        for (var parked = 0; parked < 4; parked++)
        {
            EchoBench.EchoOf(Bench.Ask(POST, Uint(OptionNumber.UriPort, (uint)parked + 1)));
        }

        var first = Bench.Ask(POST);
        Assert.That(first.Code, Is.EqualTo(CoapCode.Content));
        Assert.That(CoapCodec.Encode(first), Has.Length.AtMost(136));
        Assert.That(Fetched(first), Is.EqualTo(Bench.Answer.Payload.ToArray()));
        Assert.That(Bench.Asked, Is.EqualTo(5));
    }

    [Test]
    public void An_answer_of_one_block_is_cut_for_that_as_well()
    {
        for (var parked = 0; parked < 4; parked++)
        {
            EchoBench.EchoOf(Bench.Ask(POST, Uint(OptionNumber.UriPort, (uint)parked + 1)));
        }

        Assert.That(Fetched(Bench.Ask(POST)), Is.EqualTo(Bench.Answer.Payload.ToArray()));
        Assert.That(Bench.Asked, Is.EqualTo(5));
    }

    [Test]
    public void What_can_not_be_cut_is_said_to_be_too_much_for_now()
    {
        Bench.Answer = new CoapResponse(CoapCode.Created) { MoreOptions = [new CoapOption(OptionNumber.LocationPath, new byte[200])] };
        for (var parked = 0; parked < 4; parked++)
        {
            EchoBench.EchoOf(Bench.Ask(POST, Uint(OptionNumber.UriPort, (uint)parked + 1)));
        }

        Assert.That(Bench.Ask(POST).Code, Is.EqualTo(CoapCode.ServiceUnavailable));
    }

    // RFC 7967 §2.1: who does not want to hear of success is not asked to echo for it.
    [Test]
    public void An_answer_that_is_not_wanted_needs_no_challenge() =>
        Assert.That(Bench.Send(Bench.Request(POST, options: NoResponse(NotInterestedIn2)) with { Type = NON }), Is.Empty);

    [Test]
    public void Who_wants_no_4_xx_is_not_challenged_but_answered_in_small_blocks()
    {
        var answer = Bench.Ask(GET, NoResponse(NotInterestedIn4));
        Assert.That((answer.Code, answer.Payload.Length), Is.EqualTo((CoapCode.Content, 64)));
    }

    [Test]
    public void Who_wants_to_observe_is_challenged_first()
    {
        var request = Bench.Request(GET, "state", Uint(OptionNumber.Observe, 0));
        var value = EchoBench.EchoOf(Bench.Ask(request));
        Assert.That(Bench.Observers, Is.Zero);
        var answer = Bench.Ask(Bench.Again(request, value));

        Assert.That(answer.Code, Is.EqualTo(CoapCode.Content));
        Assert.That(BlockOptions.Find(answer.Options, OptionNumber.Observe), Is.Not.Null);
        Assert.That(Bench.Observers, Is.EqualTo(1));
    }

    [Test]
    public void Who_wants_to_observe_no_more_is_not() =>
        Assert.That(Bench.Ask(Bench.Request(GET, "state", Uint(OptionNumber.Observe, 1))).Code, Is.EqualTo(CoapCode.Content));

    [Test]
    public void The_peer_looked_for_longest_ago_is_forgotten_first()
    {
        Restart(new CoapSettings { MaxVerifiedPeers = 2 });
        var third = EchoBench.PeerAt("192.0.2.3:40000");
        Bench.Verify();
        Bench.Verify(EchoBench.Other);
        Bench.Ask(GET);
        Bench.Verify(third);

        Assert.That(Bench.Ask(GET).Code, Is.EqualTo(CoapCode.Content));
        Assert.That(Bench.Ask(Bench.Request(GET), third).Code, Is.EqualTo(CoapCode.Content));
        Assert.That(Bench.Ask(Bench.Request(GET), EchoBench.Other).Code, Is.EqualTo(CoapCode.Unauthorized));
    }

    [Test]
    public void It_is_counted()
    {
        Bench.Verify();
        Bench.Ask(Bench.Request(GET), EchoBench.Other);

        Assert.That(Bench.Meters["gateway.coap.echo.challenges"], Is.EqualTo(2));
        Assert.That(Bench.Meters["gateway.coap.peers.verified"], Is.EqualTo(1));
        Assert.That(Bench.Advance(TimeSpan.FromHours(1)).Meters["gateway.coap.peers.verified"], Is.Zero);
    }

    private static CoapOption NoResponse(uint classes) => Uint(OptionNumber.NoResponse, classes);

    // The whole answer to a POST, of which the first block is there.
    private byte[] Fetched(CoapMessage first)
    {
        var body = first.Payload.ToArray().ToList();
        for (var (last, number) = (first, 1); MoreOf(last); number++)
        {
            last = Bench.Ask(POST, Block2($"{number}/0/64"));
            body.AddRange(last.Payload.ToArray());
        }

        return [.. body];
    }

    private static bool MoreOf(CoapMessage message) =>
        BlockOptions.TryFind(message.Options, OptionNumber.Block2, out var block) && block is { More: true };
}
