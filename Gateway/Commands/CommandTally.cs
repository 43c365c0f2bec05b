namespace Gateway.Commands;

/// <summary>Counts commands by profile and type, for the metrics. Callers make types up, so only so many are told apart. Whoever uses it holds a lock.</summary>
internal sealed class CommandTally
{
    private readonly Dictionary<CommandLabels, TallyEntry> _entries = [];
    private readonly CommandLabelTable _labels = new();

    public void Count(QueuedCommand command, int change)
    {
        var labels = _labels.Of(command);
        var entry = _entries.TryGetValue(labels, out var known) ? known : new TallyEntry(labels, 0, 0);
        _entries[labels] = command.State is CommandState.Sent ? entry with { Sent = entry.Sent + change } : entry with { Waiting = entry.Waiting + change };
    }

    public IReadOnlyList<TallyEntry> Entries() => [.. _entries.Values];
}

/// <summary>How many commands of a kind wait, and how many are sent.</summary>
internal readonly record struct TallyEntry(CommandLabels Labels, int Waiting, int Sent);

/// <summary>What metrics of commands are told apart by. Never the device: there are too many.</summary>
internal readonly record struct CommandLabels(string Profile, string CommandType);

/// <summary>Bounds the labels: the first so many types have their own, the rest are "other". A label once given stays.</summary>
internal sealed class CommandLabelTable
{
    private const int MostTypes = 100;
    private const string Others = "other";

    private readonly Lock _gate = new();
    private readonly HashSet<CommandLabels> _known = [];

    public CommandLabels Of(QueuedCommand command)
    {
        var labels = new CommandLabels(command.Profile, command.CommandType);
        lock (_gate)
        {
            return _known.Contains(labels) || (_known.Count < MostTypes && _known.Add(labels)) ? labels : labels with { CommandType = Others };
        }
    }
}
