using Gateway.Journal;

namespace Gateway.Commands;

/// <summary>
/// Knows all commands again before the first frame comes: those of the store, and what the journal has beyond it. The store itself gets
/// that in its own time.
/// </summary>
internal sealed class CommandLoader(
    ICommandStore store, IJournal journal, CommandIndex index, CommandFollower follower, CommandRuns runs, RunTallies tallies, ILogger<CommandLoader> log) : IHostedService
{
    private const int Batch = 1000;

    // A message and its steps stand together, as so many records at most.
    private const int LongestExchange = 64;

    // The last message that was read.
    private JournalRecord? _frame;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var stored = await store.PositionAsync(cancellationToken);
        var position = PositionIn(stored);
        runs.Load();
        await store.LoadActiveAsync(Take, cancellationToken);
        follower.StartFrom(position);
        var steps = await ReplayAsync(position, cancellationToken);
        log.Loaded(index.Count, steps);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Take(QueuedCommand waiting)
    {
        index.Put(waiting);
        tallies.Stepped(null, waiting);
    }

    // Where in the journal of today the store stands.
    private StorePosition PositionIn(StorePosition stored)
    {
        if (stored.Journal == journal.Id && stored.Sequence <= journal.LastSequence)
        {
            return stored;
        }

        if (stored.Journal.Length == 0)
        {
            // Nothing is there, and all is to be found in the journal; or all is there, from the time before commands were journaled.
            return new StorePosition(journal.Id, 1, stored.Epoch == 0 ? 0 : journal.LastSequence);
        }

        log.OtherJournal(stored.Journal, stored.Sequence, journal.Id, journal.LastSequence);
        return new StorePosition(journal.Id, stored.Epoch + 1, stored.Journal == journal.Id ? journal.LastSequence : 0);
    }

    private async ValueTask<int> ReplayAsync(StorePosition position, CancellationToken cancellation)
    {
        var (steps, read) = (0, position.Sequence);
        _frame = journal.Read(Math.Max(0, read - LongestExchange), LongestExchange).LastOrDefault(record => record.Sequence <= read && record.Kind is JournalRecordKind.Uplink);
        for (var records = journal.Read(read, Batch); records.Count > 0; records = journal.Read(read, Batch))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var record in records)
            {
                _frame = record.Kind is JournalRecordKind.Uplink ? record : _frame;
                steps += record.Command is not null && await ReplayAsync(record, record.Command.CommandId, cancellation) ? 1 : 0;
            }

            read = records[^1].Sequence;
        }

        return steps;
    }

    // Of a command that nobody knows the store has the end already: its position may lie a little behind what it has.
    private async ValueTask<bool> ReplayAsync(JournalRecord record, string requestId, CancellationToken cancellation)
    {
        var known = index.Find(requestId) ?? follower.Find(requestId);
        var frame = _frame?.RequestId == record.RequestId ? _frame : null;
        if (CommandBody.Apply(known, record, follower.OrderOf(record.Sequence), frame) is not { } command || ReferenceEquals(command, known))
        {
            return false;
        }

        // What a run's command has become is counted once: one that has ended in the store already is in the store's counts.
        if (command.RunId is not null && known is null && await store.FindAsync(requestId, cancellation) is not null)
        {
            return false;
        }

        index.Put(command);
        tallies.Stepped(known, command);
        follower.Add(command, record.Sequence);
        return true;
    }
}
