using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc7252;

/// <summary>RFC 7252 §4.8: how patient a sender is, and what follows from it.</summary>
internal sealed class Section4_8_TransmissionParameterTests
{
    [Test]
    public void The_lifetimes_follow_from_the_base_values_of_the_RFC()
    {
        var parameters = TransmissionParameters.Default;

        Assert.That(parameters.MaxTransmitSpan, Is.EqualTo(TimeSpan.FromSeconds(45)));
        Assert.That(parameters.ExchangeLifetime, Is.EqualTo(TimeSpan.FromSeconds(247)));
        Assert.That(parameters.NonLifetime, Is.EqualTo(TimeSpan.FromSeconds(145)));
    }

    [Test]
    public void The_base_values_are_those_of_table_2()
    {
        var parameters = TransmissionParameters.Default;

        Assert.That(parameters.AckTimeout, Is.EqualTo(TimeSpan.FromSeconds(2)));
        Assert.That(parameters.AckRandomFactor, Is.EqualTo(1.5));
        Assert.That(parameters.MaxRetransmit, Is.EqualTo(4));
        Assert.That(parameters.MaxLatency, Is.EqualTo(TimeSpan.FromSeconds(100)));
    }

    [Test]
    public void The_lifetimes_grow_with_the_base_values()
    {
        var patient = new TransmissionParameters { AckTimeout = TimeSpan.FromSeconds(10), MaxRetransmit = 2 };

        Assert.That(patient.MaxTransmitSpan, Is.EqualTo(TimeSpan.FromSeconds(45)), "10 s * (2^2 - 1) * 1.5");
        Assert.That(patient.ExchangeLifetime, Is.EqualTo(TimeSpan.FromSeconds(255)));
    }

    [Test]
    public void The_first_time_out_is_from_ACK_TIMEOUT_to_that_times_ACK_RANDOM_FACTOR()
    {
        var random = new Random(5);
        var timeouts = Enumerable.Range(0, 1000).Select(_ => TransmissionParameters.Default.FirstTimeout(random).TotalSeconds).ToArray();

        Assert.That(timeouts, Has.All.InRange(2, 3));
        Assert.That(timeouts.Max() - timeouts.Min(), Is.GreaterThan(0.9), "over the whole range");
    }
}
