namespace Gateway.Journal;

/// <summary>What a record of the journal tells of. The numbers are on disk: never change or reuse one.</summary>
internal enum JournalRecordKind : byte
{
    /// <summary>A frame that a device sent, and what became of it.</summary>
    Uplink = 1,
}
