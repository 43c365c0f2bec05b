using Gateway.Coap;
using Gateway.Tests.Coap.Rfc7252;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc8516;

/// <summary>RFC 8516 §3: a peer that asks too much is told 4.29 and when to come back, and not again at once if it doesn't heed it.</summary>
internal sealed class Section3_TooManyRequestsTests : LayerFixture
{
    private const int Burst = 3;

    private int _lastId;

    // One more every half second.
    protected override CoapSettings Settings { get; } = new() { PeerRequestsPerSecond = 2, PeerBurst = Burst };

    [SetUp]
    public void ForgetIds() => _lastId = 0;

    [Test]
    public void So_many_are_taken_at_once_and_the_next_is_told_when_to_come_back()
    {
        Exhaust(Device);
        Ask(Device, "4.29");

        Assert.That(UintOption.Read(Device.Last.Options.Single(option => option.Number == OptionNumber.MaxAge).Value.Span), Is.EqualTo(10));
        Assert.That(Device.Last.Payload.Length, Is.Zero);
        Assert.That(Bench.Handled, Has.Count.EqualTo(Burst));
    }

    [Test]
    public void A_NON_is_told_by_a_NON()
    {
        Exhaust(Device);
        Device.Send(NON, ++_lastId, GET).Expect(NON, "4.29");
    }

    [Test]
    public void It_is_told_once_a_second_and_met_with_silence_else()
    {
        Exhaust(Device);
        Ask(Device, "4.29");

        // 0.4 s and 0.9 s: each time one more is taken, and the rest is refused.
        AskInVain(Device);
        Bench.Advance(0.4);
        AskInVain(Device);
        Bench.Advance(0.5);
        Ask(Device, "2.04");
        AskInVain(Device);
        Bench.Advance(0.1);
        Ask(Device, "2.04");
        Ask(Device, "4.29");
        AskInVain(Device);
    }

    [Test]
    public void Tokens_come_back_with_time_and_no_more_than_a_burst_of_them()
    {
        Exhaust(Device);
        Bench.Advance(0.499);
        Ask(Device, "4.29");
        Bench.Advance(0.001);
        Ask(Device, "2.04");
        AskInVain(Device);

        Bench.Advance(3600);
        Exhaust(Device);
        Ask(Device, "4.29");
    }

    [TestCase("192.0.2.1:40001", Description = "another port of the same address")]
    [TestCase("192.0.2.2:40000")]
    [TestCase("[2001:db8::1]:40000")]
    public void One_peer_does_not_use_up_what_another_has(string address)
    {
        var other = Bench.PeerAt(address);
        Exhaust(Device);
        Ask(Device, "4.29");

        Exhaust(other);
        Ask(other, "4.29");
    }

    [Test]
    public void A_refused_request_is_not_remembered_and_its_retransmission_is_judged_anew()
    {
        Exhaust(Device);
        Device.Send(CON, 1000, GET).Expect(ACK, 1000, "4.29");
        Bench.Advance(0.2);
        Device.Send(CON, 1000, GET).ExpectSilence();
        Bench.Advance(0.3);
        Device.Send(CON, 1000, GET).Expect(ACK, 1000, "2.04");

        Assert.That(Bench.Handled, Has.Count.EqualTo(Burst + 1));
    }

    // A duplicate costs as much as a request that it repeats; who forges a source could send it without end.
    [Test]
    public void A_duplicate_takes_a_token()
    {
        for (var copy = 0; copy < Burst; copy++)
        {
            Device.Send(CON, 1, GET).Expect(ACK, 1, "2.04");
        }

        Device.Send(CON, 2, GET).Expect(ACK, 2, "4.29");
        Assert.That(Bench.Handled, Has.Count.EqualTo(1));
    }

    // 4.29 says that nothing was done: its sender would ask anew, and what was done would be done twice.
    [Test]
    public void A_duplicate_is_never_told_4_29_but_gets_its_answer_as_soon_as_there_is_a_token()
    {
        Device.Send(CON, 1, POST).Expect(ACK, 1, "2.04").Send(CON, 2, POST).Expect(ACK, 2, "2.04").Send(CON, 3, POST).Expect(ACK, 3, "2.04");

        Device.Send(CON, 1, POST).ExpectSilence();
        Bench.Advance(0.5);
        Device.Send(CON, 1, POST).Expect(ACK, 1, "2.04");
        Assert.That(Bench.Handled, Has.Count.EqualTo(3));
    }

    [Test]
    public void A_silenced_duplicate_leaves_the_word_to_a_new_request()
    {
        Device.Send(CON, 1, GET).Expect(ACK, 1, "2.04").Send(CON, 2, GET).Expect(ACK, 2, "2.04").Send(CON, 3, GET).Expect(ACK, 3, "2.04");
        Device.Send(CON, 1, GET).ExpectSilence();
        Device.Send(CON, 4, GET).Expect(ACK, 4, "4.29");
    }

    [Test]
    public void What_a_peer_has_used_up_is_not_forgotten_with_its_requests()
    {
        // One more each 200 s; a CON is remembered for 247 s, and forgotten when the next one comes.
        using var bench = new LayerBench(new CoapSettings { PeerRequestsPerSecond = 0.005, PeerBurst = 2 });
        bench.Device.Send(CON, 1, GET).Expect(ACK, 1, "2.04").Send(CON, 2, GET).Expect(ACK, 2, "2.04");
        bench.Advance(247);
        bench.Device.Send(CON, 3, GET).Expect(ACK, 3, "2.04").Send(CON, 4, GET).Expect(ACK, 4, "4.29");
    }

    [Test]
    public void What_is_no_request_takes_no_token()
    {
        for (var id = 1; id <= 10 * Burst; id++)
        {
            Device.Send(CON, id).Expect(RST, id).Send(ACK, id).Send(RST, id).SendBytes([0x40]).ExpectSilence();
        }

        Exhaust(Device);
    }

    [Test]
    public void Who_is_told_to_wait_is_still_answered_what_it_asked_before()
    {
        var answer = Bench.HoldAnswers();
        Device.Send(CON, 1, GET);
        Bench.Handler = _ => ValueTask.FromResult<CoapResponse?>(new CoapResponse(CoapCode.Changed));
        Device.Send(CON, 2, GET).Expect(ACK, 2, "2.04").Send(CON, 3, GET).Expect(ACK, 3, "2.04").Send(CON, 4, GET).Expect(ACK, 4, "4.29");

        answer.Give(new CoapResponse(CoapCode.Changed));
        Device.Expect(ACK, 1, "2.04");
    }

    [Test]
    public void A_rate_of_0_sets_no_limit()
    {
        using var bench = new LayerBench(new CoapSettings { PeerRequestsPerSecond = 0, PrefixRequestsPerSecond = 0, PeerBurst = 1, PrefixBurst = 1 });
        for (var id = 1; id <= 5000; id++)
        {
            bench.Device.Send(CON, id, GET).Expect(ACK, id, "2.04");
        }
    }

    private void Ask(LayerPeer peer, string code)
    {
        var id = ++_lastId;
        peer.Send(CON, id, GET).Expect(ACK, id, code);
    }

    private void AskInVain(LayerPeer peer) => peer.Send(CON, ++_lastId, GET).ExpectSilence();

    private void Exhaust(LayerPeer peer)
    {
        for (var request = 0; request < Burst; request++)
        {
            Ask(peer, "2.04");
        }
    }
}
