namespace Gateway.Journal;

/// <summary>What a record must be to be appended. Checked before it is written: a record that can't be read again is no record.</summary>
internal static class RecordRules
{
    // All of them share a group, and a group has a limit too.
    private const int MaxTogether = 64;

    /// <exception cref="ArgumentException">One of them may not be appended.</exception>
    public static void Check(ReadOnlySpan<JournalRecord> records)
    {
        if (records.Length is 0 or > MaxTogether)
        {
            throw new ArgumentException($"1 to {MaxTogether} records are appended together, not {records.Length}", nameof(records));
        }

        var bytes = 0L;
        foreach (var record in records)
        {
            CheckKind(record);
            bytes += JournalCodec.MaxBytes(record);
        }

        if (bytes > JournalCodec.MaxRecordBytes)
        {
            throw new ArgumentException($"a record may have {JournalCodec.MaxRecordBytes} bytes; that of {records[0].RequestId} would have more", nameof(records));
        }
    }

    private static void CheckKind(JournalRecord record)
    {
        var problem = record.Kind switch
        {
            JournalRecordKind.Uplink or JournalRecordKind.Reread when record.Outcome is FrameOutcome.None => "a frame has an outcome",
            JournalRecordKind.Uplink or JournalRecordKind.Failure => null,
            JournalRecordKind.Reread => record.Revision < 1 ? "a frame that is read again has a revision from 1" : null,
            JournalRecordKind.Command => record.Command is null ? "a command's record has its step" : null,
            _ => $"{record.Kind} is no kind of record",
        };
        problem ??= record.About < 0 || record.Revision < 0 || record.ReadingCount < 0 || record.Command is { Attempt: < 0 } ? "a number is negative" : null;
        if (problem is not null)
        {
            throw new ArgumentException($"the record of {record.RequestId} can't be kept: {problem}", nameof(record));
        }
    }
}
