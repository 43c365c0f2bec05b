namespace Gateway.Journal;

/// <summary>How the journal is.</summary>
/// <param name="State">Whether it takes records.</param>
/// <param name="Error">What is wrong while it is failing; otherwise null.</param>
/// <param name="Since">When it came into this state.</param>
/// <param name="LastSequence">The newest record that is on disk.</param>
/// <param name="Pending">How many records wait for the disk.</param>
/// <param name="Damaged">How many records turned out to be unreadable since the start.</param>
/// <param name="Warning">What will become a trouble if nobody looks after it; otherwise null.</param>
internal sealed record JournalHealth(JournalState State, string? Error, DateTimeOffset Since, long LastSequence, int Pending, long Damaged, string? Warning = null);

/// <summary>Whether the journal takes records.</summary>
internal enum JournalState
{
    /// <summary>Not open yet, or closed.</summary>
    Closed,

    /// <summary>The last commit was good, or none was needed yet.</summary>
    Running,

    /// <summary>The last commit failed, and each new record is a new try; or the disk is nearly full, and no record is taken.</summary>
    Failing,
}
