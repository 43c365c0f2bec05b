using System.Text.Json;
using Gateway.Access;
using Gateway.Coap;
using Gateway.Commands;
using Gateway.Intake;
using Gateway.Journal;
using Gateway.Scripting;
using Gateway.Sinks;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gateway.Telemetry;

/// <summary>
/// <c>/health</c>: 200 while frames are taken, degraded or not; 503 when they are not. <c>/health/ready</c> asks only what frames are taken by,
/// and <c>/health/live</c> only whether there is an answer.
/// </summary>
internal static class HealthEndpoint
{
    // A sink that fails is no reason to restart the gateway, or to send devices elsewhere.
    private const string TakesFrames = "takes_frames";

    public static void AddHealth(this IServiceCollection services) => services.AddHealthChecks()
        .AddCheck<CoapHealthCheck>("coap", tags: [TakesFrames])
        .AddCheck<JournalHealthCheck>("journal", tags: [TakesFrames])
        .AddCheck<ScriptHealthCheck>("scripts")
        .AddCheck<SinkHealthCheck>("sinks")
        .AddCheck<IntakeHealthCheck>("intake")
        .AddCheck<StoreHealthCheck>("store")
        .AddCheck<AuditHealthCheck>("audit");

    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = WriteAsync }).ForAnybody();
        app.MapHealthChecks("/health/live", new HealthCheckOptions { ResponseWriter = WriteAsync, Predicate = _ => false }).ForAnybody();
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = WriteAsync, Predicate = check => check.Tags.Contains(TakesFrames) }).ForAnybody();
    }

    private static async Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", NameOf(report.Status));
        json.WriteStartObject("checks");
        foreach (var (name, entry) in report.Entries)
        {
            json.WriteStartObject(name);
            json.WriteString("status", NameOf(entry.Status));
            // Load balancers and orchestrators have no key; what is wrong in particular is for those who have one.
            if (entry.Description is { } description && context.User.MayLook())
            {
                json.WriteString("description", description);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string NameOf(HealthStatus status) => JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString());
}

/// <summary>Whether devices are heard.</summary>
internal sealed class CoapHealthCheck(CoapServer coap, IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("the gateway is stopping")
        : coap.LocalEndPoints.Count == 0 ? HealthCheckResult.Unhealthy("the gateway does not listen for devices yet")
        : HealthCheckResult.Healthy());
}

/// <summary>Whether frames can be made durable.</summary>
internal sealed class JournalHealthCheck(IJournal journal) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var health = journal.Health;
        return Task.FromResult(health switch
        {
            { State: not JournalState.Running } => HealthCheckResult.Unhealthy(health.Error ?? "the journal is not open"),
            { Warning: { } warning } => HealthCheckResult.Degraded(warning),
            { Damaged: > 0 } => HealthCheckResult.Degraded($"{health.Damaged} records are damaged and were left out"),
            _ => HealthCheckResult.Healthy(),
        });
    }
}

/// <summary>Whether every script that is in use has a working version, and it is the one in the folder.</summary>
internal sealed class ScriptHealthCheck(ScriptCatalog scripts) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        string[] problems = [.. scripts.Loaded.SelectMany(script => script.Problems).Select(problem => problem.ToString())];
        return Task.FromResult(problems.Length == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join("; ", problems)));
    }
}

/// <summary>Whether every sink takes what it is given.</summary>
internal sealed class SinkHealthCheck(SinkDispatcher sinks) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        string[] problems = [.. sinks.Status.Where(sink => sink.LastError is not null).Select(sink => $"{sink.Name}: {sink.LastError}, {sink.Lag} records behind")];
        return Task.FromResult(problems.Length == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join("; ", problems)));
    }
}

/// <summary>Whether every intake takes what its broker has.</summary>
internal sealed class IntakeHealthCheck(IntakeService intake) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        string[] problems = [.. intake.Status.Where(one => one.LastError is not null).Select(one => $"{one.Name}: {one.LastError}")];
        return Task.FromResult(problems.Length == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join("; ", problems)));
    }
}

/// <summary>Whether the store follows the journal.</summary>
internal sealed class StoreHealthCheck(CommandFollower follower) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        follower.Error is { } error
            ? HealthCheckResult.Degraded($"the store of commands can't be written, and is {follower.Lag} commands behind the journal: {error}")
            : HealthCheckResult.Healthy());
}

/// <summary>Whether changes over the management API can be recorded.</summary>
internal sealed class AuditHealthCheck(AuditLog audit) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        audit.Error is { } error
            ? HealthCheckResult.Degraded($"the audit record can't be written, so the management API refuses changes: {error}")
            : HealthCheckResult.Healthy());
}
