using System.ComponentModel;
using Gateway.Access;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Journal;
using Gateway.Uplink;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary><c>/api/v1/dead-letters</c></summary>
internal static class DeadLetterEndpoints
{
    private const int MaxPage = 1000;

    private static readonly string[] Reasons =
        [.. Enum.GetValues<FrameOutcome>().Where(outcome => outcome is not (FrameOutcome.None or FrameOutcome.Parsed)).Select(JournalRecordJson.NameOf)];

    public static void MapDeadLetters(this IEndpointRouteBuilder api)
    {
        var letters = api.MapGroup("/dead-letters").WithTags("Dead letters and replays");
        letters.MapGet("", ListAsync).For(Role.Viewer).ProducesProblem(400)
            .WithName("ListDeadLetters").WithSummary("Frames that are kept and were not read when they came, a page at a time.");
        letters.MapPost("/replay", Replay).For(Role.Operator, Role.Integrator).ProducesProblem(400).ProducesProblem(409).ProducesProblem(422)
            .WithName("ReplayDeadLetters").WithSummary("Reads frames again by the script that their devices have now. One replay at a time.");
    }

    private static async Task<Results<Ok<DeadLetterList>, ProblemHttpResult>> ListAsync(
        DeadLetters letters,
        CancellationToken cancellation,
        [Description("What the page before gave as next.")] long after = 0,
        [Description("How many at most, 1 to 1000.")] int limit = 100,
        [Description("Only frames of this device.")] string? device = null,
        [Description("Only frames that came on a route of this profile.")] string? profile = null,
        [Description("Only frames that were received at this instant or later.")] DateTimeOffset? since = null,
        [Description("Only these: held, invalid_payload, script_failed or script_unavailable.")] string? reason = null)
    {
        if (limit is < 1 or > MaxPage)
        {
            return Problems.BadRequest($"limit must be 1 to {MaxPage}, not {limit}");
        }

        if (after < 0)
        {
            return Problems.BadRequest($"after must be 0 or more, not {after}");
        }

        if (reason is not null && !Reasons.Contains(reason))
        {
            return Problems.BadRequest($"there is no reason \"{reason}\": {string.Join(", ", Reasons)} are");
        }

        FrameOutcome? outcome = reason is null ? null : Enum.GetValues<FrameOutcome>().Single(value => JournalRecordJson.NameOf(value) == reason);
        var filter = new ReplayRequest { Device = device, Profile = profile, Since = since };
        var page = await letters.ListAsync(new DeadLetterQuery(filter, outcome, after, limit), cancellation);
        return TypedResults.Ok(new DeadLetterList([.. page.Letters.Select(DeadLetterDocument.Of)], page.Next));
    }

    private static Results<Accepted<ReplayStatus>, ProblemHttpResult> Replay(ReplayDocument? body, Replays replays, ProfileCatalog profiles)
    {
        var document = body ?? new ReplayDocument();
        FieldProblem[] problems = [.. document.Problems(profiles).Select(problem => FieldProblem.Of(problem.Path, problem.Problem))];
        if (problems.Length > 0)
        {
            return Problems.Unprocessable(problems);
        }

        var (run, isNew) = replays.Start(document.ToRequest());
        return isNew
            ? TypedResults.Accepted(ReplayEndpoints.PathOf(run), ReplayStatus.Of(run))
            : Problems.Conflict($"replay {run.Id} is under way; GET {ReplayEndpoints.PathOf(run)} tells how far it is, DELETE ends it");
    }
}

/// <summary>A page of dead letters.</summary>
/// <param name="Items">The letters of this page; maybe none, although there are more.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; null when this is the last one.</param>
internal sealed record DeadLetterList(IReadOnlyList<DeadLetterDocument> Items, long? Next);

/// <summary>A frame that was not read when it came.</summary>
internal sealed record DeadLetterDocument
{
    [Description("Its record in the journal.")]
    public required long Sequence { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    [Description("Its device; empty when nobody could be found.")]
    public required string DeviceId { get; init; }

    public required string Profile { get; init; }

    public required string RequestId { get; init; }

    public required string Method { get; init; }

    public required string Path { get; init; }

    [Description("held: its device waited for approval. invalid_payload: the script called it malformed. script_failed: the script failed or was stopped. script_unavailable: no script could be run.")]
    public required FrameOutcome Reason { get; init; }

    public string? Error { get; init; }

    [Description("The version of the script that failed; empty when none was asked.")]
    public required string ScriptVersion { get; init; }

    [Description("The frame as hexadecimal digits.")]
    public required string Payload { get; init; }

    [Description("How often it was read again.")]
    public required int Revision { get; init; }

    [Description("Whether it has been read since. A replay of dead letters passes over it then.")]
    public required bool ReadSince { get; init; }

    public static DeadLetterDocument Of(DeadLetter letter) => new()
    {
        Sequence = letter.Frame.Sequence,
        ReceivedAt = letter.Frame.ReceivedAt,
        DeviceId = letter.Frame.DeviceId,
        Profile = letter.Frame.Profile,
        RequestId = letter.Frame.RequestId,
        Method = letter.Frame.Method,
        Path = letter.Frame.Path,
        Reason = letter.Frame.Outcome,
        Error = letter.Frame.Error,
        ScriptVersion = letter.Frame.ScriptVersion,
        Payload = Convert.ToHexStringLower(letter.Frame.Payload.Span),
        Revision = letter.Revision,
        ReadSince = letter.HasBeenRead,
    };
}
