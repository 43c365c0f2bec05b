using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc7641;

/// <summary>RFC 7641 §4.3.1: what was told last is told again before its Max-Age is over.</summary>
internal sealed class Section4_3_1_FreshnessTests : ObserveTest
{
    [Test]
    public void Without_Max_Age_it_is_told_again_within_a_minute_and_again()
    {
        Register(First);
        for (var round = 0; round < 3; round++)
        {
            Bench.Pass(44);
            Assert.That(Bench.Take(), Is.Empty);
            Bench.Pass(1);
            Bench.Acknowledge(Bench.Last);
            Assert.That(Bench.Take(), Is.EqualTo(new[] { "CON 2.05 f1* \"0\"" }));
        }
    }

    [Test]
    public void A_longer_Max_Age_is_less_trouble()
    {
        Answer(maxAge: 600);
        Register(First);
        Bench.Pass(449);
        Assert.That(Bench.Take(), Is.Empty);
        Bench.Pass(2);
        Assert.That(Bench.Take(), Has.Length.EqualTo(1));
    }

    [TestCase(0u)]
    [TestCase(1u)]
    public void However_short_it_is_the_resource_is_not_asked_all_the_time(uint maxAge)
    {
        Answer(maxAge);
        Register(First);
        Bench.Pass(4);
        Assert.That(Bench.Take(), Is.Empty);
        Bench.Pass(2);
        Assert.That(Bench.Take(), Has.Length.EqualTo(1));
    }

    [Test]
    public void However_long_it_is_it_is_told_once_a_day()
    {
        Answer(uint.MaxValue);
        Register(First);
        Bench.Time.Advance(TimeSpan.FromHours(23.9));
        Assert.That(Bench.Take(), Is.Empty);
        Bench.Time.Advance(TimeSpan.FromHours(0.2));
        Assert.That(Bench.Take(), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_change_puts_it_off()
    {
        Register(First);
        Bench.Pass(30);
        Bench.Change("1");
        Bench.Acknowledge(Bench.Last);
        Bench.Sent.Clear();

        Bench.Pass(44);
        Assert.That(Bench.Take(), Is.Empty);
        Bench.Pass(2);
        Assert.That(Bench.Take(), Is.EqualTo(new[] { "CON 2.05 f1* \"1\"" }));
    }

    private void Answer(uint maxAge) =>
        Bench.Answer = _ => ValueTask.FromResult(new CoapResponse(CoapCode.Content) { MaxAge = maxAge });
}
