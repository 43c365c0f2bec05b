using System.ComponentModel;
using Gateway.Access;
using Gateway.Configuration;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary><c>/api/v1/configuration</c></summary>
internal static class ConfigurationEndpoints
{
    public static void MapConfiguration(this IEndpointRouteBuilder api)
    {
        var configuration = api.MapGroup("/configuration").WithTags("Configuration");
        configuration.MapGet("", Get).For(Role.Viewer)
            .WithName("GetConfiguration").WithSummary("How gateway.json stands to what the gateway runs with.");
        configuration.MapPost("/reload", ReloadAsync).For(Role.Admin)
            .WithName("ReloadConfiguration").WithSummary("Looks at gateway.json now, which happens every two seconds anyhow, and brings to life what can be.");
    }

    private static Ok<ConfigurationDocument> Get(ConfigurationWatcher watcher) => TypedResults.Ok(ConfigurationDocument.Of(watcher.Status));

    private static async Task<Ok<ConfigurationDocument>> ReloadAsync(ConfigurationWatcher watcher, CancellationToken cancellation) =>
        TypedResults.Ok(ConfigurationDocument.Of(await watcher.LookAsync(cancellation)));
}

/// <summary>How gateway.json stands to what the gateway runs with.</summary>
internal sealed record ConfigurationDocument
{
    [Description("The file; not there when the gateway runs with its defaults.")]
    public string? File { get; init; }

    [Description("When it was read last.")]
    public required DateTimeOffset ReadAt { get; init; }

    [Description("in_force: the gateway runs with it, but for what waits for a restart. refused: it can't be used, and the settings of before are in force.")]
    public required string State { get; init; }

    [Description("Why it can't be used.")]
    public required IReadOnlyList<string> Problems { get; init; }

    [Description("What it says otherwise than what is in force: these take a restart.")]
    public required IReadOnlyList<SettingsChangeDocument> WaitingForRestart { get; init; }

    public static ConfigurationDocument Of(ConfigurationStatus status) => new()
    {
        File = status.File,
        ReadAt = status.ReadAt,
        State = status.Problems.Count == 0 ? "in_force" : "refused",
        Problems = status.Problems,
        WaitingForRestart = [.. status.Waiting.Select(change => new SettingsChangeDocument { Path = change.Path, Change = change.What })],
    };
}

/// <summary>One thing that gateway.json says otherwise.</summary>
internal sealed record SettingsChangeDocument
{
    [Description("The place, such as coap.port.")]
    public required string Path { get; init; }

    [Description("What has become of it; never with a secret.")]
    public required string Change { get; init; }
}
