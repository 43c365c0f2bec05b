using System.Collections.Immutable;
using Gateway.Devices;

namespace Gateway.Commands;

/// <summary>A command for many devices, and how far it is. Immutable: each step makes a new one.</summary>
internal sealed record CommandRun
{
    /// <summary>So many of the devices that were refused are told by name.</summary>
    public const int MostRefusalsKept = 20;

    public required string Id { get; init; }

    /// <summary>The caller's request.</summary>
    public required RunRequest Request { get; init; }

    public RunState State { get; init; } = RunState.Running;

    /// <summary>Why it stands where it does, when that needs a reason.</summary>
    public string? Reason { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How many devices it is for; null until they have been counted.</summary>
    public int? Total { get; init; }

    /// <summary>The last device, in the order of their ids, that it has addressed; none before the first.</summary>
    public DeviceId After { get; init; }

    /// <summary>Whether it has addressed the last one.</summary>
    public bool IsThrough { get; init; }

    /// <summary>How many devices up to there have a command of it that was queued.</summary>
    public int Taken { get; init; }

    /// <summary>For how many the command was refused.</summary>
    public int Refused { get; init; }

    /// <summary>The first of those, with the reason.</summary>
    public ImmutableArray<RunRefusal> Refusals { get; init; } = [];

    /// <summary>What had ended, and what of it had failed, when the run was resumed last: a halt counts from there.</summary>
    public (int Judged, int Failed) Forgiven { get; init; }

    public double CommandsPerSecond => Request.CommandsPerSecond ?? RunRequest.DefaultRate;

    public double MaxFailureRatio => Request.MaxFailureRatio ?? RunRequest.DefaultMaxFailureRatio;

    public int MinJudged => Request.MinJudged ?? RunRequest.DefaultMinJudged;

    /// <summary>What has ended so far, and what of it has failed. What was refused has failed too.</summary>
    public (int Judged, int Failed) Judge(RunCounts counts) => (counts.Judged + Refused, counts.Failed + Refused);

    /// <summary>Why it must halt; null when it need not.</summary>
    public string? ReasonToHalt(RunCounts counts)
    {
        var (judged, failed) = Judge(counts);
        (judged, failed) = (judged - Forgiven.Judged, failed - Forgiven.Failed);
        return judged >= MinJudged && failed > MaxFailureRatio * judged
            ? FormattableString.Invariant($"{failed} of {judged} commands have failed, and max_failure_ratio is {MaxFailureRatio}")
            : null;
    }

    public CommandRun To(RunState state, DateTimeOffset now, string? reason = null) =>
        this with { State = state, Reason = reason, UpdatedAt = now, EndedAt = state.HasEnded() ? now : null };
}

/// <summary>A device that a run could not queue its command for.</summary>
/// <param name="DeviceId">Which.</param>
/// <param name="Problem">Why.</param>
internal sealed record RunRefusal(string DeviceId, string Problem);
