using Gateway.Commands;
using Gateway.Devices;

namespace Gateway.Tests.Commands;

/// <summary>The rules of docs/commands.md for one device, in the plainest form, without threads, disks and scripts.</summary>
internal sealed class CommandModel
{
    public static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(60);

    private readonly List<Entry> _all = [];

    public IEnumerable<(string Id, string State)> States => _all.Select(entry => (entry.Id, $"{entry.State.Name()} {entry.Attempts}"));

    public IEnumerable<string> Sent => _all.Where(entry => entry.State is CommandState.Sent).Select(entry => entry.Id);

    public int Count => _all.Count;

    public void Submit(string id, int priority, CommandConfirm confirm, int maxAttempts, DateTimeOffset? expiresAt, string? key)
    {
        foreach (var older in Waiting().Where(older => key is not null && older.Key == key))
        {
            older.State = CommandState.Superseded;
        }

        _all.Add(new Entry(id, priority, confirm, maxAttempts, expiresAt, key));
    }

    public void Cancel(string id)
    {
        foreach (var entry in Waiting().Where(entry => entry.Id == id))
        {
            entry.State = CommandState.Cancelled;
        }
    }

    public void Expire(DateTimeOffset now)
    {
        foreach (var entry in Waiting().Where(entry => entry.ExpiresAt <= now))
        {
            entry.State = CommandState.Expired;
        }
    }

    /// <summary>A message comes; what its answer carries.</summary>
    public string? Speak(string message, bool confirmable, DateTimeOffset now)
    {
        var words = message.Split(' ');
        int? held = null;
        foreach (var entry in _all)
        {
            var isTold = entry is { Confirm: CommandConfirm.Script, Attempts: > 0, State: CommandState.Sent or CommandState.Queued } && words.Contains(entry.Id);
            if (isTold)
            {
                entry.State = words[0] == "ok" ? CommandState.Applied : CommandState.Rejected;
            }
            else if (entry.State is not CommandState.Sent)
            {
                continue;
            }
            else if (words[0] == "failed" || (entry.Confirm is CommandConfirm.Script && now - entry.SentAt >= ConfirmTimeout))
            {
                entry.State = entry.Attempts >= entry.MaxAttempts ? CommandState.Failed : CommandState.Queued;
            }
            else if (entry.Confirm is CommandConfirm.NextMessage)
            {
                entry.State = CommandState.Delivered;
            }
            else
            {
                held = Math.Max(held ?? int.MinValue, entry.Priority);
            }
        }

        return confirmable ? Choose(held, now) : null;
    }

    private string? Choose(int? held, DateTimeOffset now)
    {
        foreach (var entry in Waiting().Where(entry => held is null || entry.Priority > held).OrderByDescending(entry => entry.Priority).ToArray())
        {
            if (entry.ExpiresAt <= now)
            {
                entry.State = CommandState.Expired;
                continue;
            }

            (entry.State, entry.Attempts, entry.SentAt) = (CommandState.Sent, entry.Attempts + 1, now);
            var sent = $"{entry.Id}:";
            if (entry.Confirm is CommandConfirm.Sent)
            {
                entry.State = CommandState.Delivered;
            }

            return sent;
        }

        return null;
    }

    private Entry[] Waiting() => [.. _all.Where(entry => entry.State is CommandState.Queued)];

    private sealed class Entry(string id, int priority, CommandConfirm confirm, int maxAttempts, DateTimeOffset? expiresAt, string? key)
    {
        public string Id => id;

        public int Priority => priority;

        public CommandConfirm Confirm => confirm;

        public int MaxAttempts => maxAttempts;

        public DateTimeOffset? ExpiresAt => expiresAt;

        public string? Key => key;

        public CommandState State { get; set; } = CommandState.Queued;

        public int Attempts { get; set; }

        public DateTimeOffset SentAt { get; set; }
    }
}
