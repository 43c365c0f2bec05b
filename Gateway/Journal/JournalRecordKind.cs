namespace Gateway.Journal;

/// <summary>What a record of the journal tells of. The numbers are on disk: never change or reuse one; 0 stands for records that are gone.</summary>
internal enum JournalRecordKind : byte
{
    /// <summary>A frame that a device sent, its readings, and what became of it.</summary>
    Uplink = 1,

    /// <summary>A frame that was read again, by another version of its script: the readings that it gives now.</summary>
    Reread = 2,

    /// <summary>A step of a command on its way to its device.</summary>
    Command = 3,

    /// <summary>Something that was given up: a message that a sink's other side refuses for good, or one from a broker that says nothing.</summary>
    Failure = 4,
}
