using System.Diagnostics.Metrics;
using Gateway.Coap;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Coap;

internal static class Metrics
{
    public static IMeterFactory Factory() => new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    public static CoapMetrics Unobserved() => new(Factory());
}
