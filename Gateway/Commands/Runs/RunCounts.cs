using System.Runtime.CompilerServices;

namespace Gateway.Commands;

/// <summary>How many commands of a run are in each state.</summary>
internal readonly record struct RunCounts
{
    private readonly States _states;

    public int this[CommandState state] => _states[(int)state];

    /// <summary>All of them.</summary>
    public int Total
    {
        get
        {
            var total = 0;
            foreach (var count in (ReadOnlySpan<int>)_states)
            {
                total += count;
            }

            return total;
        }
    }

    /// <summary>Those for which the gateway still has something to do.</summary>
    public int Active => this[CommandState.Queued] + this[CommandState.Sent];

    /// <summary>Those that ended as nobody wishes: rejected, failed or expired.</summary>
    public int Failed => this[CommandState.Rejected] + this[CommandState.Failed] + this[CommandState.Expired];

    /// <summary>Those of which is known whether they have succeeded: not those that were taken back.</summary>
    public int Judged => this[CommandState.Delivered] + this[CommandState.Applied] + Failed;

    /// <summary>The counts after a command has come into a state.</summary>
    /// <param name="from">Where it was; null for one that is new.</param>
    /// <param name="to">Where it is.</param>
    public RunCounts Moved(CommandState? from, CommandState to) => (from is { } before ? With(before, this[before] - 1) : this).Plus(to);

    public RunCounts With(CommandState state, int count)
    {
        var states = _states;
        states[(int)state] = count;
        return new RunCounts(states);
    }

    private RunCounts(States states) => _states = states;

    private RunCounts Plus(CommandState state) => With(state, this[state] + 1);

    public bool Equals(RunCounts other) => ((ReadOnlySpan<int>)_states).SequenceEqual(other._states);

    public override int GetHashCode() => HashCode.Combine(Total, Active, Failed);

    // One place for each state, by its number; the first one is nobody's.
    [InlineArray((int)CommandState.Failed + 1)]
    private struct States
    {
        private int _first;
    }
}
