using Gateway.Coap;

namespace Gateway.Tests.Coap;

internal static class Metrics
{
    /// <summary>For tests that look at no metrics; <see cref="Support.Meters"/> is for the others.</summary>
    public static CoapMetrics Unobserved() => new(LoneMeters.Instance);
}
