using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gateway.Configuration;

/// <summary>Whether gateway.json can be used as it is now. What waits for a restart is told, and nothing bad.</summary>
internal sealed class ConfigurationHealthCheck(ConfigurationWatcher configuration) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = configuration.Status;
        return Task.FromResult(status switch
        {
            { Problems.Count: > 0 } => HealthCheckResult.Degraded($"the settings stay as they were, for {string.Join("; ", status.Problems)}"),
            { Waiting.Count: > 0 } => HealthCheckResult.Healthy($"takes a restart: {string.Join(", ", status.Waiting.Select(change => change.Path).Distinct())}"),
            _ => HealthCheckResult.Healthy(),
        });
    }
}
