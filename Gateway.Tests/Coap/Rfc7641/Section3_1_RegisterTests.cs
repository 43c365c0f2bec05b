using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7641;

/// <summary>RFC 7641 §2 and §3.1: who asks with Observe 0 is told of each new state, under the token of its request.</summary>
internal sealed class Section3_1_RegisterTests : ObserveTest
{
    [Test]
    public void A_GET_with_Observe_0_is_answered_and_then_notified()
    {
        Bench.Get(First);
        Assert.That(Bench.Take(), Is.EqualTo(new[] { "ACK 2.05 f1* \"0\"" }));

        Bench.Change("1");
        Assert.That(Bench.Take(), Is.EqualTo(new[] { "CON 2.05 f1* \"1\"" }));
    }

    [Test]
    public void A_NON_registers_as_well()
    {
        Bench.Get(First, type: NON);
        Bench.Change("1");

        Assert.That(Bench.Take(), Is.EqualTo(new[] { "NON 2.05 f1* \"0\"", "CON 2.05 f1* \"1\"" }));
    }

    [Test]
    public void A_FETCH_registers_as_well_and_keeps_its_payload()
    {
        Bench.Answer = request => ValueTask.FromResult(new CoapResponse(CoapCode.Content) { Payload = request.Payload });
        Bench.Receive(new CoapMessage(CON, CoapCode.Fetch, new MessageId(900))
        {
            Token = First,
            Options = [UintOption.Of(OptionNumber.Observe, 0), new CoapOption(OptionNumber.UriPath, "state"u8.ToArray())],
            Payload = "what"u8.ToArray(),
        });
        Bench.Change("1");

        Assert.That(Bench.Take(), Is.EqualTo(new[] { "ACK 2.05 f1* \"what\"", "CON 2.05 f1* \"what\"" }));
    }

    [Test]
    public void A_resource_that_can_not_be_observed_just_answers()
    {
        Bench.Get(First, path: "fixed");
        Bench.Observers.Notify(["fixed"]);

        Assert.That(Bench.Take(), Is.EqualTo(new[] { "ACK 2.05 f1 \"\"" }));
    }

    [TestCase(null)]
    [TestCase(2u)]
    [TestCase(0xffffffu)]
    public void Without_Observe_or_with_another_value_it_just_answers(object? observe)
    {
        Bench.Get(First, (uint?)observe);
        Bench.Change("1");

        Assert.That(Bench.Take(), Is.EqualTo(new[] { "ACK 2.05 f1 \"0\"" }));
    }

    [Test]
    public void A_PUT_with_Observe_registers_nothing()
    {
        Bench.Receive(new CoapMessage(CON, PUT, new MessageId(900))
        {
            Token = First,
            Options = [UintOption.Of(OptionNumber.Observe, 0), new CoapOption(OptionNumber.UriPath, "state"u8.ToArray())],
        });

        Assert.That(Bench.Take(), Is.EqualTo(new[] { "ACK 2.05 f1 \"0\"" }));
        Assert.That(Bench.Observers.Count, Is.Zero);
    }

    [Test]
    public void Only_what_is_observed_is_notified()
    {
        Register(First);
        Bench.Observers.Notify(["other"]);
        Bench.Observers.Notify(["state", "below"]);
        Bench.Observers.Notify([]);

        Assert.That(Bench.Take(), Is.Empty);
    }

    [Test]
    public void Each_token_of_each_peer_is_an_observer_of_its_own()
    {
        var other = ObserveBench.Client with { Port = 40001 };
        Register(First);
        Register(First, other);
        Register(Second, other);

        Bench.Change("1");
        Assert.That(Bench.Sent.Select(sent => (sent.Peer.Port, sent.Message.Token)), Is.EqualTo(new[] { ((ushort)40000, First), ((ushort)40001, First) }));

        // NSTART: the second one of a peer waits for the first.
        Bench.Receive(CoapMessage.EmptyAcknowledgement(Bench.Last.Id), other);
        Assert.That((Bench.Sent[^1].Peer.Port, Bench.Last.Token), Is.EqualTo(((ushort)40001, Second)));
    }

    [Test]
    public void A_state_that_changes_while_the_first_answer_is_made_is_not_missed()
    {
        var answer = new HeldAnswer();
        Bench.Answer = async _ => (await answer.Task.ConfigureAwait(false))!;
        Bench.Get(First);
        Bench.Answer = null;
        Bench.Change("1");
        Assert.That(Bench.Take(), Is.Empty, "one question at a time");

        answer.Give(new CoapResponse(CoapCode.Content) { Payload = "0"u8.ToArray() });

        Assert.That(Bench.Take(), Is.EqualTo(new[] { "ACK 2.05 f1* \"0\"", "CON 2.05 f1* \"1\"" }));
    }
}
