using System.ComponentModel;
using System.Text.Json.Nodes;
using Gateway.Journal;
using Gateway.Uplink;

namespace Gateway.Api;

/// <summary>A replay, and how far it is.</summary>
internal sealed record ReplayStatus
{
    public required string Id { get; init; }

    [Description("waiting, preparing (it looks which frames have been read again before), running; completed, cancelled or failed.")]
    public required ReplayState State { get; init; }

    [Description("Why it failed.")]
    public string? Problem { get; init; }

    public required ReplayDocument Request { get; init; }

    [Description("Of a replay that began by itself, because devices were approved: how many. It reads what they sent while they were held.")]
    public int? ApprovedDevices { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    [Description("How many records of the journal are to be looked at, about.")]
    public required long Total { get; init; }

    [Description("How many of them have been looked at.")]
    public required long Read { get; init; }

    [Description("Frames that gave readings which are new; they go to the sinks.")]
    public required long Parsed { get; init; }

    [Description("The readings of those frames.")]
    public required long Readings { get; init; }

    [Description("Frames that gave the very readings that they had given before; nothing is kept of that.")]
    public required long Unchanged { get; init; }

    [Description("Frames that could not be read this time either.")]
    public required long Failed { get; init; }

    [Description("Frames of devices that still wait for approval, or are not registered.")]
    public required long Held { get; init; }

    [Description("Dead letters that an earlier replay has read.")]
    public required long Skipped { get; init; }

    [Description("The first frames that were not read.")]
    public required IReadOnlyList<ReplayedFrameStatus> Failures { get; init; }

    [Description("The first frames that would give something else than before; only of a dry run.")]
    public required IReadOnlyList<ReplayedFrameStatus> Differences { get; init; }

    public static ReplayStatus Of(ReplayRun run)
    {
        var progress = run.Progress;
        return new()
        {
            Id = run.Id,
            State = progress.State,
            Problem = progress.Problem,
            Request = ReplayDocument.Of(run.Request),
            ApprovedDevices = run.Request.Approved?.Count,
            StartedAt = run.StartedAt,
            EndedAt = progress.EndedAt,
            Total = progress.Total,
            Read = progress.Read,
            Parsed = progress.Counts.Parsed,
            Readings = progress.Counts.Readings,
            Unchanged = progress.Counts.Unchanged,
            Failed = progress.Counts.Failed,
            Held = progress.Counts.Held,
            Skipped = progress.Counts.Skipped,
            Failures = [.. progress.Failures.Select(ReplayedFrameStatus.Of)],
            Differences = [.. progress.Differences.Select(ReplayedFrameStatus.Of)],
        };
    }
}

/// <summary>What became of one frame in a replay.</summary>
/// <param name="Sequence">Its record in the journal.</param>
/// <param name="DeviceId">Its device; empty when nobody could be found.</param>
/// <param name="ReceivedAt">When it came.</param>
/// <param name="OutcomeBefore">What became of it when it came.</param>
/// <param name="ReadingsBefore">How many readings it gave then.</param>
/// <param name="Outcome">What becomes of it now.</param>
/// <param name="Readings">How many readings it gives now.</param>
/// <param name="Error">Why it is not read.</param>
/// <param name="ReadingBefore">The first reading that is not as it was, as it was.</param>
/// <param name="Reading">The same as it is now.</param>
internal sealed record ReplayedFrameStatus(
    long Sequence, string DeviceId, DateTimeOffset ReceivedAt, FrameOutcome OutcomeBefore, int ReadingsBefore, FrameOutcome Outcome, int Readings,
    string? Error, JsonNode? ReadingBefore, JsonNode? Reading)
{
    public static ReplayedFrameStatus Of(ReplayNote note) => new(
        note.Sequence, note.DeviceId, note.ReceivedAt, note.Before, note.ReadingsBefore, note.Now, note.ReadingsNow, note.Error, Json(note.FirstBefore), Json(note.FirstNow));

    private static JsonNode? Json(string? reading) => reading is null ? null : JsonNode.Parse(reading);
}
