namespace Gateway.Tests.Coap.Rfc7641;

/// <summary>RFC 7641 §3.6: the ways in which a client says that it wants to hear no more.</summary>
internal sealed class Section3_6_CancellationTests : ObserveTest
{
    [Test]
    public void A_reset_of_a_notification_ends_it()
    {
        Register(First);
        Bench.Change("1");
        Bench.Reset(Bench.Last);
        Bench.Sent.Clear();

        Bench.Change("2");
        Bench.Pass(200);
        Assert.That(Bench.Take(), Is.Empty);
        Assert.That(Bench.Observers.Count, Is.Zero);
    }

    [Test]
    public void Observe_1_with_the_same_token_ends_it_and_is_answered()
    {
        Register(First);
        Bench.Get(First, observe: 1);
        Assert.That(Bench.Take(), Is.EqualTo(new[] { "ACK 2.05 f1 \"0\"" }));

        Bench.Change("1");
        Bench.Pass(200);
        Assert.That(Bench.Take(), Is.Empty);
    }

    [Test]
    public void Observe_1_takes_back_a_notification_that_is_still_sent_again()
    {
        Register(First);
        Bench.Change("1");
        Bench.Get(First, observe: 1);
        Bench.Sent.Clear();

        Bench.Pass(200);
        Assert.That(Bench.Take(), Is.Empty);
    }

    [Test]
    public void Observe_1_with_another_token_or_of_another_peer_ends_nothing()
    {
        Register(First);
        Bench.Get(Second, observe: 1);
        Bench.Get(First, observe: 1, peer: ObserveBench.Client with { Port = 1 });
        Bench.Sent.Clear();

        Bench.Change("1");
        Assert.That(Bench.Take(), Is.EqualTo(new[] { "CON 2.05 f1* \"1\"" }));
    }

    [Test]
    public void A_reset_ends_only_the_observation_whose_notification_it_is()
    {
        Register(First);
        Register(Second);
        Bench.Change("1");
        Bench.Reset(Bench.Last);
        Bench.Acknowledge(Bench.Last);

        Assert.That(Bench.Observers.Count, Is.EqualTo(1));
    }
}
