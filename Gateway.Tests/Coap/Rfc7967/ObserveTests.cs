using Gateway.Coap;
using Gateway.Tests.Coap.Rfc7641;

namespace Gateway.Tests.Coap.Rfc7967;

/// <summary>No-Response together with Observe: a notification is an answer to the request that registered, and so it holds for that too.</summary>
internal sealed class ObserveTests : ObserveTest
{
    private const uint Observe = 0;
    private const uint Deregister = 1;

    // RFC 7967 §2.2: what a GET with this option is good for.
    [Test]
    public void Who_deregisters_may_spare_itself_the_answer()
    {
        Register(First);
        Bench.Get(First, Deregister, options: NoResponse(26));

        Assert.That(Bench.Take(), Is.EqualTo(new[] { "ACK 0.00  \"\"" }));
        Assert.That(Bench.Observers.Count, Is.Zero);
        Bench.Change("1");
        Assert.That(Bench.Take(), Is.Empty);
    }

    [TestCase(2u)]
    [TestCase(26u)]
    public void Who_wants_no_success_observes_nothing(uint value)
    {
        Bench.Get(First, Observe, options: NoResponse(value));

        Assert.That(Bench.Take(), Is.EqualTo(new[] { "ACK 0.00  \"\"" }));
        Assert.That(Bench.Observers.Count, Is.Zero);
        Bench.Change("1");
        Assert.That(Bench.Take(), Is.Empty);
    }

    [Test]
    public void Who_wants_no_errors_is_notified_and_hears_nothing_of_the_end()
    {
        Bench.Get(First, Observe, options: NoResponse(8));
        Bench.Change("1");
        Bench.Acknowledge(Bench.Last);
        Assert.That(Bench.Take(), Is.EqualTo(new[] { "ACK 2.05 f1* \"0\"", "CON 2.05 f1* \"1\"" }));

        Bench.Answer = _ => ValueTask.FromResult(CoapResponse.Error(CoapCode.NotFound, "gone"));
        Bench.Change("2");
        Assert.That(Bench.Take(), Is.Empty);
        Assert.That(Bench.Observers.Count, Is.Zero);
    }

    private static CoapOption NoResponse(uint value) => UintOption.Of(OptionNumber.NoResponse, value);
}
