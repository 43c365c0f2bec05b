using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Journal;

/// <summary>The <c>journal</c> section of gateway.json.</summary>
internal sealed record JournalSettings
{
    [Description("The file of the journal (SQLite), relative to this file. Every frame and its readings are in it before the device is answered.")]
    [Required]
    public string Path { get; init; } = "data/journal.db";

    [Description("How long frames are kept once every sink has taken them, in days.")]
    [Range(0, 3650)]
    public double KeepDays { get; init; } = 7;

    [Description("How many frames may wait to be written; when that many do, devices are answered 5.03 with Max-Age, and come back.")]
    [Range(16, 1_000_000)]
    public int MaxPending { get; init; } = 20_000;
}
