using Gateway.Commands;

namespace Gateway.Storage;

/// <summary>How a page of commands is taken from where they stand, the newest first.</summary>
internal static class CommandPages
{
    // A page by state or run walks along the commands; it gives up after so many, and the next page goes on from there.
    private const int MaxWalked = 5000;

    /// <summary>The first of those that are asked for.</summary>
    /// <typeparam name="T">What stands there for a command.</typeparam>
    /// <param name="rows">Those behind where the page begins, the newest first. Not gone through further than need be.</param>
    /// <param name="query">What is asked for.</param>
    /// <param name="order">A command's place in the order of all.</param>
    /// <param name="state">Its state.</param>
    /// <param name="run">Its run; null for none.</param>
    /// <param name="read">All of it.</param>
    public static CommandPage Take<T>(IEnumerable<T> rows, CommandQuery query, Func<T, long> order, Func<T, CommandState> state, Func<T, string?> run, Func<T, QueuedCommand> read)
    {
        var page = new List<QueuedCommand>();
        var (walked, last) = (0, 0L);
        foreach (var row in rows)
        {
            if (page.Count == query.Limit || walked == MaxWalked)
            {
                return new CommandPage(page, last);
            }

            (walked, last) = (walked + 1, order(row));
            if ((query.State is not { } wanted || state(row) == wanted) && (query.RunId is not { } of || run(row) == of))
            {
                page.Add(read(row));
            }
        }

        return new CommandPage(page, null);
    }
}
