using Gateway.Devices;

namespace Gateway.Commands;

/// <summary>
/// The commands as they are now, for looking up and for the next start. The journal is where a step becomes durable; the store follows it
/// in batches, and remembers how far.
/// </summary>
internal interface ICommandStore
{
    /// <summary>How far the store has followed which journal. Asked once, at start.</summary>
    ValueTask<StorePosition> PositionAsync(CancellationToken cancellation);

    /// <summary>All commands for which something is to be done still, in any order, one after the other: there may be many. Asked once, at start.</summary>
    /// <param name="take">Gets each of them, on a thread of the store.</param>
    /// <param name="cancellation">Ends it.</param>
    ValueTask LoadActiveAsync(Action<QueuedCommand> take, CancellationToken cancellation);

    ValueTask<QueuedCommand?> FindAsync(string requestId, CancellationToken cancellation);

    /// <summary>A page of commands, the newest first.</summary>
    ValueTask<CommandPage> ListAsync(CommandQuery query, CancellationToken cancellation);

    /// <summary>
    /// Saves the commands as they are now, and so how many commands of each run are in which state, for <see cref="ICommandRunStore.Load"/>.
    /// A command whose <see cref="QueuedCommand.LastStep"/> the store knows already, or a later one of, is left as it is. When its task completes
    /// they can be read. Until <see cref="FollowedAsync"/> a power cut, or a failure on the way, may leave some of them as they were before.
    /// </summary>
    ValueTask ApplyAsync(IReadOnlyCollection<QueuedCommand> commands, CancellationToken cancellation);

    /// <summary>All steps up to a position have been saved: brings them to the disk, and then the position. It is there when its task completes.</summary>
    ValueTask FollowedAsync(StorePosition position, CancellationToken cancellation);

    /// <summary>Forgets commands that ended before that time, at most so many of them; says how many.</summary>
    ValueTask<int> ForgetEndedAsync(DateTimeOffset before, int limit, CancellationToken cancellation);
}

/// <summary>How far a store has followed the journal.</summary>
/// <param name="Journal">Which journal; empty before the first.</param>
/// <param name="Epoch">Grows by one each time the store gets another journal, whose records count from 1 again: what came before stays before.</param>
/// <param name="Sequence">All steps up to this record are in the store; later ones may be.</param>
internal readonly record struct StorePosition(string Journal, int Epoch, long Sequence)
{
    private const int SequenceBits = 44;

    /// <summary>A place in the order of all records of all journals.</summary>
    public long OrderOf(long sequence) => ((long)Epoch << SequenceBits) + sequence;
}

/// <summary>Which commands are asked for.</summary>
/// <param name="Device">Those of one device; none for all.</param>
/// <param name="State">Those in one state; null for all.</param>
/// <param name="Before">Only those that came before this <see cref="QueuedCommand.Order"/>.</param>
/// <param name="Limit">How many at most.</param>
/// <param name="RunId">Those of one run; null for all.</param>
internal readonly record struct CommandQuery(DeviceId Device, CommandState? State, long Before, int Limit, string? RunId = null);

/// <summary>A page of commands.</summary>
/// <param name="Commands">The commands; there may be fewer than asked for although more follow.</param>
/// <param name="Next">What to give as <see cref="CommandQuery.Before"/> for the next page; null when there is none.</param>
internal sealed record CommandPage(IReadOnlyList<QueuedCommand> Commands, long? Next);
