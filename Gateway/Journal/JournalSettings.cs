using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Journal;

/// <summary>The <c>journal</c> section of gateway.json.</summary>
internal sealed record JournalSettings
{
    [Description("The file of the journal (SQLite), relative to this file. Every frame and its readings are in it before the device is answered.")]
    [Required]
    public string Path { get; init; } = "data/journal.db";

    [Description("How long frames and their readings are kept once every sink has taken them, in days.")]
    [Range(0, 3650)]
    public double KeepDays { get; init; } = 7;

    [Description("How many megabytes of frames and readings are kept; beyond that the oldest go sooner. 0 sets no limit.")]
    [Range(0, 10_000_000)]
    public int MaxMegabytes { get; init; } = 20_000;

    [Description("The same in days for the steps of commands.")]
    [Range(0, 3650)]
    public double CommandKeepDays { get; init; } = 30;

    [Description("The same in megabytes for the steps of commands.")]
    [Range(0, 10_000_000)]
    public int CommandMaxMegabytes { get; init; } = 1000;

    [Description("The same in days for messages that were given up.")]
    [Range(0, 3650)]
    public double FailureKeepDays { get; init; } = 30;

    [Description("The same in megabytes for messages that were given up.")]
    [Range(0, 10_000_000)]
    public int FailureMaxMegabytes { get; init; } = 1000;

    [Description("What happens at the limit in megabytes to records that a sink has not taken yet: \"hold\" keeps them, and the journal grows past the limit; \"drop\" deletes them, and counts them.")]
    public LagRule OnLag { get; init; } = LagRule.Hold;

    [Description("How many megabytes must stay free on the journal's disk; below that devices are answered 5.03 with Max-Age until there is room again. 0 does not ask.")]
    [Range(0, 1_000_000)]
    public int MinFreeMegabytes { get; init; } = 256;

    [Description("How long the start may look for damage in the journal's file, in seconds; what that does not reach is left to \"gateway journal verify\". 0 does not look.")]
    [Range(0, 3600)]
    public double CheckSeconds { get; init; } = 5;

    [Description("How many frames may wait to be written; when that many do, devices are answered 5.03 with Max-Age, and come back.")]
    [Range(16, 1_000_000)]
    public int MaxPending { get; init; } = 20_000;
}

/// <summary>What happens at the size limit to records that a reader has not had yet. Age never takes those.</summary>
internal enum LagRule
{
    /// <summary>They are kept, and the limit is passed: what bounds the journal then is <see cref="JournalSettings.MinFreeMegabytes"/>.</summary>
    Hold,

    /// <summary>They are deleted, oldest first; it is counted and told.</summary>
    Drop,
}
