using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc7641;

/// <summary>RFC 7641 §4.1: the list of observers, which has one entry for a peer and token, and an end.</summary>
internal sealed class Section4_1_RequestTests : ObserveTest
{
    [Test]
    public void A_second_registration_takes_the_place_of_the_first()
    {
        Register(First);
        Bench.Get(First, path: "other");
        Bench.Sent.Clear();
        Assert.That(Bench.Observers.Count, Is.EqualTo(1));

        Bench.Change("1");
        Assert.That(Bench.Take(), Is.Empty);
        Bench.Observers.Notify(["other"]);
        Assert.That(Bench.Take(), Is.EqualTo(new[] { "CON 2.05 f1* \"\"" }));
    }

    [Test]
    public void An_answer_that_is_no_success_registers_nothing()
    {
        Bench.Answer = _ => ValueTask.FromResult(CoapResponse.Error(CoapCode.ServiceUnavailable, "not yet"));
        Bench.Get(First);

        Assert.That(Bench.Take(), Is.EqualTo(new[] { "ACK 5.03 f1 \"not yet\"" }));
        Assert.That(Bench.Observers.Count, Is.Zero);
    }

    [Test]
    public void Beyond_what_one_peer_may_have_a_request_is_just_answered()
    {
        using var bench = new ObserveBench(new CoapSettings { MaxObserversPerPeer = 2 });
        for (byte token = 1; token <= 3; token++)
        {
            bench.Get(Token.From([token]));
        }

        bench.Get(First, peer: ObserveBench.Client with { Port = 1 });

        Assert.That(bench.Take(), Is.EqualTo(new[] { "ACK 2.05 01* \"0\"", "ACK 2.05 02* \"0\"", "ACK 2.05 03 \"0\"", "ACK 2.05 f1* \"0\"" }));
    }

    [Test]
    public void Beyond_what_there_may_be_in_all_a_request_is_just_answered_until_one_ends()
    {
        using var bench = new ObserveBench(new CoapSettings { MaxObservers = 2 });
        for (ushort port = 1; port <= 3; port++)
        {
            bench.Get(First, peer: ObserveBench.Client with { Port = port });
        }

        Assert.That(bench.Take(), Is.EqualTo(new[] { "ACK 2.05 f1* \"0\"", "ACK 2.05 f1* \"0\"", "ACK 2.05 f1 \"0\"" }));

        bench.Get(First, observe: 1, peer: ObserveBench.Client with { Port = 1 });
        bench.Sent.Clear();
        bench.Get(First, peer: ObserveBench.Client with { Port = 3 });
        Assert.That(bench.Take(), Is.EqualTo(new[] { "ACK 2.05 f1* \"0\"" }));
    }

    [Test]
    public void At_the_bound_one_may_still_register_anew()
    {
        using var bench = new ObserveBench(new CoapSettings { MaxObservers = 1 });
        bench.Get(First);
        bench.Get(First);

        Assert.That(bench.Take(), Is.EqualTo(new[] { "ACK 2.05 f1* \"0\"", "ACK 2.05 f1* \"0\"" }));
    }
}
