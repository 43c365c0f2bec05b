using System.Net;
using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §5.3, Request/Response Matching, from the client's side: which answer is taken for whose, and what is said to the others.</summary>
internal sealed class Section5_3_ClientMatchingTests
{
    private static readonly Token Strange = Token.From([1, 2, 3]);

    private ClientBench _bench = null!;

    [SetUp]
    public void SetUp() => _bench = new ClientBench();

    [TearDown]
    public void TearDown() => _bench.Dispose();

    [Test]
    public void Tokens_are_long_and_differ()
    {
        var tokens = Enumerable.Range(0, 100).Select(_ => TokenOfOneRequest()).ToHashSet();

        Assert.That(tokens, Has.Count.EqualTo(100));
        Assert.That(tokens.Select(token => token.Length), Is.All.EqualTo(8));
    }

    [Test]
    public async Task A_piggybacked_answer_needs_both_the_ID_and_the_token()
    {
        var asking = _bench.Ask();
        _bench.Answer(ACK, _bench.Last.Id.Next.Value, _bench.Last.Token, "another ID");
        _bench.Answer(ACK, _bench.Last.Id.Value, Strange, "another token");
        _bench.Answer(ACK, _bench.Last.Id.Value, _bench.Last.Token, "another peer", Peer.From(IPEndPoint.Parse("192.0.2.8:5683")));
        Assert.That(asking.IsCompleted, Is.False);

        _bench.Piggyback(_bench.Last, "mine");

        Assert.That(ClientBench.Text(await asking), Is.EqualTo("mine"));
        _bench.Pass(100);
        Assert.That(_bench.Sent, Has.Count.EqualTo(1), "it is sent no more");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_separate_CON_needs_only_the_token_and_is_acknowledged(bool acknowledgedBefore)
    {
        var asking = _bench.Ask();
        if (acknowledgedBefore)
        {
            _bench.Acknowledge(_bench.Last);
        }

        _bench.Answer(CON, 0x4242, _bench.Last.Token, "later");

        Assert.That(ClientBench.Text(await asking), Is.EqualTo("later"));
        Assert.That(_bench.Last, Is.EqualTo(CoapMessage.EmptyAcknowledgement(new MessageId(0x4242))).Using<CoapMessage>(SameHeader));
        _bench.Pass(100);
        Assert.That(_bench.Sent, Has.Count.EqualTo(2), "the answer is as good as an acknowledgement");
    }

    [Test]
    public async Task A_separate_CON_that_comes_again_is_acknowledged_again()
    {
        var asking = _bench.Ask();
        var token = _bench.Last.Token;
        _bench.Answer(CON, 0x4242, token);
        await asking;
        _bench.Answer(CON, 0x4242, token);

        Assert.That(_bench.Sent.Skip(1).Select(message => (message.Type, message.Id.Value)), Is.EqualTo(new[] { (ACK, 0x4242), (ACK, 0x4242) }));
    }

    [Test]
    public async Task A_NON_answers_a_CON_or_a_NON()
    {
        foreach (var type in new[] { CON, NON })
        {
            var asking = _bench.Ask(type);
            _bench.Answer(NON, 7, _bench.Last.Token, "quick");

            Assert.That(ClientBench.Text(await asking), Is.EqualTo("quick"));
        }

        _bench.Pass(100);
        Assert.That(_bench.Sent.Select(message => message.Type), Is.EqualTo(new[] { CON, NON }));
    }

    [Test]
    public void Of_an_answer_that_nobody_waits_for_a_CON_is_reset_and_the_rest_ignored()
    {
        _bench.Answer(NON, 1, Strange);
        _bench.Answer(ACK, 2, Strange);
        Assert.That(_bench.Sent, Is.Empty);

        _bench.Answer(CON, 3, Strange);
        Assert.That((_bench.Last.Type, _bench.Last.Id.Value), Is.EqualTo((RST, 3)));
    }

    [Test]
    public async Task Each_of_several_gets_its_own_answer_in_whatever_order()
    {
        var askings = Enumerable.Range(0, 10).Select(_ => _bench.Ask(NON)).ToList();
        var requests = _bench.Sent.ToList();
        for (var index = 9; index >= 0; index--)
        {
            _bench.Answer(NON, 100 + index, requests[index].Token, $"{index}");
        }

        Assert.That((await Task.WhenAll(askings)).Select(ClientBench.Text), Is.EqualTo(Enumerable.Range(0, 10).Select(index => $"{index}")));
    }

    [TestCase(CON)]
    [TestCase(NON)]
    public async Task A_reset_ends_it(MessageType type)
    {
        var asking = _bench.Ask(type);
        _bench.Reset(_bench.Last);

        Assert.That(await ClientBench.ErrorOfAsync(asking), Is.EqualTo(CoapClientError.Rejected));
    }

    [Test]
    public async Task Without_any_answer_it_times_out()
    {
        var asking = _bench.Ask();
        _bench.Pass(100);

        Assert.That(await ClientBench.ErrorOfAsync(asking), Is.EqualTo(CoapClientError.TimedOut));
        Assert.That(_bench.Sent, Has.Count.EqualTo(5));
    }

    [TestCase(CON)]
    [TestCase(NON)]
    public async Task Without_an_answer_after_the_acknowledgement_it_times_out(MessageType type)
    {
        var asking = _bench.Ask(type);
        if (type == CON)
        {
            _bench.Acknowledge(_bench.Last);
        }

        _bench.Pass(59);
        Assert.That(asking.IsCompleted, Is.False);
        _bench.Pass(2);
        Assert.That(await ClientBench.ErrorOfAsync(asking), Is.EqualTo(CoapClientError.TimedOut));
        Assert.That(_bench.Sent, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Each_waits_for_its_own_time()
    {
        var first = _bench.Ask(NON);
        _bench.Pass(30);
        var second = _bench.Ask(NON);
        var secondRequest = _bench.Last;
        _bench.Pass(31);
        Assert.That(await ClientBench.ErrorOfAsync(first), Is.EqualTo(CoapClientError.TimedOut));

        _bench.Answer(NON, 1, secondRequest.Token, "in time");
        Assert.That(ClientBench.Text(await second), Is.EqualTo("in time"));
    }

    [Test]
    public async Task Cancelled_it_is_sent_no_more_and_its_answer_is_nobodys()
    {
        using var cancellation = new CancellationTokenSource();
        var asking = _bench.Ask(cancellation: cancellation.Token);
        var request = _bench.Last;
        await cancellation.CancelAsync();
        Assert.That(async () => await asking, Throws.InstanceOf<OperationCanceledException>());

        _bench.Pass(100);
        Assert.That(_bench.Sent, Has.Count.EqualTo(1));
        _bench.Answer(CON, 9, request.Token);
        Assert.That(_bench.Last.Type, Is.EqualTo(RST));
    }

    [Test]
    public async Task One_that_waits_for_room_can_be_cancelled_too_and_the_next_goes_out()
    {
        using var cancellation = new CancellationTokenSource();
        var first = _bench.Ask();
        var second = _bench.Ask(cancellation: cancellation.Token);
        var third = _bench.Ask();
        await cancellation.CancelAsync();
        Assert.That(async () => await second, Throws.InstanceOf<OperationCanceledException>());

        _bench.Piggyback(_bench.Last);
        _bench.Piggyback(_bench.Last, "third");

        Assert.That((await first, ClientBench.Text(await third)).Item2, Is.EqualTo("third"));
        Assert.That(_bench.Sent, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task More_than_there_is_room_for_are_refused()
    {
        var askings = Enumerable.Range(0, OutboxLane.MaxQueued + 2).Select(_ => _bench.Ask()).ToList();

        Assert.That(await ClientBench.ErrorOfAsync(askings[^1]), Is.EqualTo(CoapClientError.Busy));
        Assert.That(askings[..^1].Select(asking => asking.IsCompleted), Is.All.False);
    }

    [Test]
    public async Task Closing_ends_all_that_wait_and_refuses_what_comes_after()
    {
        var (first, second) = (_bench.Ask(), _bench.Ask(NON));
        _bench.Layer.Dispose();

        foreach (var asking in new[] { first, second, _bench.Ask() })
        {
            Assert.That(await ClientBench.ErrorOfAsync(asking), Is.EqualTo(CoapClientError.Closed));
        }
    }

    private static bool SameHeader(CoapMessage left, CoapMessage right) => (left.Type, left.Code, left.Id) == (right.Type, right.Code, right.Id);

    private Token TokenOfOneRequest()
    {
        _ = _bench.Ask(NON);
        return _bench.Last.Token;
    }
}
