namespace Gateway.Journal;

/// <summary>What is kept for the same time. The numbers are on disk: never change or reuse one.</summary>
internal enum Retention
{
    /// <summary>Frames, and what was read in them, once or again.</summary>
    Frames = 1,

    /// <summary>Steps of commands.</summary>
    Commands = 2,

    /// <summary>What was given up.</summary>
    Failures = 3,
}

internal static class Retentions
{
    public static IReadOnlyList<Retention> All { get; } = [Retention.Frames, Retention.Commands, Retention.Failures];

    public static Retention Of(JournalRecordKind kind) => kind switch
    {
        JournalRecordKind.Command => Retention.Commands,
        JournalRecordKind.Failure => Retention.Failures,
        _ => Retention.Frames,
    };

    /// <summary>The retention of the entry that the bytes are; one that is damaged goes with the frames.</summary>
    public static Retention Of(ReadOnlySpan<byte> entry) => Of((JournalRecordKind)(JournalCodec.KindOf(entry) ?? 0));
}

/// <summary>Bytes of records by their retention.</summary>
internal readonly record struct RetainedBytes(long Frames, long Commands, long Failures)
{
    public long Of(Retention retention) => retention switch
    {
        Retention.Commands => Commands,
        Retention.Failures => Failures,
        _ => Frames,
    };

    public RetainedBytes Plus(Retention retention, long bytes) => retention switch
    {
        Retention.Commands => this with { Commands = Commands + bytes },
        Retention.Failures => this with { Failures = Failures + bytes },
        _ => this with { Frames = Frames + bytes },
    };

    public static RetainedBytes operator +(RetainedBytes one, RetainedBytes other) =>
        new(one.Frames + other.Frames, one.Commands + other.Commands, one.Failures + other.Failures);
}
