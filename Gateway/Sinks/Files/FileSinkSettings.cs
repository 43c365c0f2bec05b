using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Sinks;

/// <summary>Readings as lines of JSON (NDJSON) at the end of a file.</summary>
internal sealed record FileSinkSettings : SinkSettings
{
    // A batch ends with a sync, which costs as much as to write hundreds of readings.
    public FileSinkSettings() => MaxBatch = 5000;

    [Description("The file, relative to this one; folders are made when they are missing.")]
    [Required]
    public string Path { get; init; } = "data/readings.ndjson";

    [Description("Whether each line begins with the message's id, kind and revision, for receivers that drop what they have already.")]
    public bool MessageIds { get; init; }

    [Description("How large the file may grow, in MiB, before it is put aside with the time in its name; 0 sets no limit.")]
    [Range(0, 1_048_576)]
    public int RotateMegabytes { get; init; }

    [Description("Whether the file is put aside when the first message of a new day (UTC) comes.")]
    public bool RotateDaily { get; init; }

    [Description("How many files that were put aside are kept, the newest; 0 keeps all.")]
    [Range(0, 100_000)]
    public int KeepFiles { get; init; }

    [Description("Whether files that were put aside are compressed with gzip.")]
    public bool Compress { get; init; }

    [Description("How long after a sync messages gather before the next one, in milliseconds, unless hundreds of frames wait already. What comes after a pause is written at once. Many syncs are slow, and hold up the journal's on the same disk.")]
    [Range(0, 10_000)]
    public int GatherMilliseconds { get; init; } = 50;

    internal override bool IdsInBody => MessageIds;

    internal override TimeSpan Gathers => TimeSpan.FromMilliseconds(GatherMilliseconds);
}
