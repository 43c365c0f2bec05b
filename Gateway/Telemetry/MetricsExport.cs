using Gateway.Access;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Gateway.Telemetry;

/// <summary>All meters of the gateway and those of the runtime, in Prometheus' text format on <c>/metrics</c>.</summary>
internal static class MetricsExport
{
    public static void AddMetricsExport(this IServiceCollection services) => services.AddOpenTelemetry()
        .ConfigureResource(resource => resource.AddService("gateway"))
        .WithMetrics(metrics => metrics.AddMeter("Gateway.*").AddMeter("System.Runtime").AddPrometheusExporter());

    public static void MapMetrics(this WebApplication app) => app.MapPrometheusScrapingEndpoint("/metrics").For(Role.Viewer);
}
