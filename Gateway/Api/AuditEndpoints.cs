using System.ComponentModel;
using System.Text.Json;
using Gateway.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary><c>/api/v1/audit</c></summary>
internal static class AuditEndpoints
{
    private const int MaxPage = 1000;

    public static void MapAudit(this IEndpointRouteBuilder api) =>
        api.MapGet("/audit", List).For(Role.Admin).WithTags("Access").ProducesProblem(400)
            .WithName("ListChanges").WithSummary("The audit record: every change that was asked for, the latest first, a page at a time.");

    private static Results<Ok<ChangePage>, ProblemHttpResult> List(
        AuditLog audit,
        [Description("What the page before gave as next.")] long? after = null,
        [Description("How many at most, 1 to 1000.")] int limit = 100,
        [Description("Only what this one asked for: key/<id>, open_id/<name>, local, command line/<user>.")] string? actor = null,
        [Description("Only this operation, by its name in this document, such as PutDevice.")] string? action = null,
        [Description("Only what was asked of this path or of one below it, such as /api/v1/devices/cellar.")] string? target = null,
        [Description("Only this: done, refused, failed or attempted.")] string? result = null,
        [Description("Only what was asked for at this instant or later.")] DateTimeOffset? since = null,
        [Description("Only what was asked for before this instant.")] DateTimeOffset? until = null)
    {
        if (limit is < 1 or > MaxPage)
        {
            return Problems.BadRequest($"limit must be 1 to {MaxPage}, not {limit}");
        }

        if (after < 1)
        {
            return Problems.BadRequest($"after must be 1 or more, not {after}");
        }

        AuditResult? wanted = null;
        if (result is not null)
        {
            if (!Enum.TryParse<AuditResult>(result, ignoreCase: true, out var parsed) || !Enum.IsDefined(parsed))
            {
                return Problems.BadRequest($"there is no result \"{result}\": done, refused, failed and attempted are");
            }

            wanted = parsed;
        }

        var records = audit.Find(new AuditQuery
        {
            Actor = actor,
            Action = action,
            Target = target,
            Result = wanted,
            Since = since,
            Until = until,
            Before = after ?? long.MaxValue,
            Limit = limit,
        });
        return TypedResults.Ok(new ChangePage([.. records.Select(ChangeDocument.Of)], records.Count == limit ? records[^1].Id : null));
    }
}

/// <summary>A page of the audit record.</summary>
/// <param name="Items">The changes of this page.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; missing when this is the last one.</param>
internal sealed record ChangePage(IReadOnlyList<ChangeDocument> Items, long? Next);

/// <summary>A change that was asked for.</summary>
internal sealed record ChangeDocument
{
    public required long Id { get; init; }

    public required DateTimeOffset At { get; init; }

    [Description("Who: key/<id>, open_id/<name>, local, or command line/<user>.")]
    public required string Actor { get; init; }

    [Description("The address that it came from.")]
    public string? Origin { get; init; }

    [Description("The operation, by its name in this document.")]
    public required string Action { get; init; }

    [Description("What it was asked of.")]
    public required string Target { get; init; }

    public required AuditResult Result { get; init; }

    [Description("The HTTP status that it was answered with.")]
    public int? Status { get; init; }

    [Description("Why it was not done.")]
    public string? Detail { get; init; }

    [Description("What was there before.")]
    public JsonElement? Before { get; init; }

    [Description("What was there then; of more than 16 KB only the start.")]
    public JsonElement? After { get; init; }

    public static ChangeDocument Of(AuditRecord record) => new()
    {
        Id = record.Id,
        At = record.At,
        Actor = record.Actor,
        Origin = record.Origin.Length > 0 ? record.Origin : null,
        Action = record.Action,
        Target = record.Target,
        Result = record.Result,
        Status = record.Status,
        Detail = record.Detail,
        Before = Json(record.Before),
        After = Json(record.After),
    };

    private static JsonElement? Json(string? text) => text is null ? null : JsonElement.Parse(text);
}
