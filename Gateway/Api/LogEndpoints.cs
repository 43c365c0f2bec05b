using System.ComponentModel;
using Gateway.Access;
using Gateway.Configuration;
using Gateway.Telemetry;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary><c>/api/v1/log</c>: how much is logged, while the gateway runs.</summary>
internal static class LogEndpoints
{
    // More than anybody wants, and few enough that each new logger is matched at once.
    private const int MostLevels = 100;

    public static void MapLog(this IEndpointRouteBuilder api)
    {
        var log = api.MapGroup("/log").WithTags("Log");
        log.MapGet("", Get).For(Role.Viewer)
            .WithName("GetLog").WithSummary("How much is logged now.");
        log.MapPut("", Put).For(Role.Admin).ProducesProblem(400).ProducesProblem(422)
            .RecordsBefore(context => ValueTask.FromResult<object?>(LogDocument.Of(context.RequestServices.GetRequiredService<LogLevelSwitch>().Now)))
            .WithName("PutLog").WithSummary("Changes how much is logged, at once, until the gateway restarts or log changes in gateway.json.");
    }

    private static Ok<LogDocument> Get(LogLevelSwitch log) => TypedResults.Ok(LogDocument.Of(log.Now));

    private static Results<Ok<LogDocument>, ProblemHttpResult> Put(LogDocument body, LogLevelSwitch log)
    {
        var levels = body.Levels ?? new Dictionary<string, LogVerbosity>();
        if (levels.Count > MostLevels)
        {
            return Problems.Unprocessable("levels", $"{levels.Count} categories are more than {MostLevels}, which is the most");
        }

        foreach (var category in levels.Keys)
        {
            if (LogSettings.ProblemOf(category) is { } problem)
            {
                return Problems.Unprocessable(SettingsPath.Member("levels", category), problem);
            }
        }

        log.Use(log.Now with { Level = body.Level, Levels = levels });
        return TypedResults.Ok(LogDocument.Of(log.Now));
    }
}

/// <summary>How much is logged.</summary>
internal sealed record LogDocument
{
    [Description("The least level that is logged: trace, debug, info, warn or error.")]
    public required LogVerbosity Level { get; init; }

    [Description("Other levels, by category or the beginning of one, such as Gateway.Uplink; of several the longest counts.")]
    public IReadOnlyDictionary<string, LogVerbosity>? Levels { get; init; }

    public static LogDocument Of(LogSettings settings) => new() { Level = settings.Level, Levels = settings.Levels };
}
