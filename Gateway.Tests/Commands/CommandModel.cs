using Gateway.Commands;
using Gateway.Devices;

namespace Gateway.Tests.Commands;

/// <summary>The rules of docs/commands.md for one device, in the plainest form, without threads, disks and scripts.</summary>
internal sealed class CommandModel
{
    public static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(60);

    private readonly List<Entry> _all = [];

    // What is under way in a notification, and since when.
    private Entry? _underWay;
    private DateTimeOffset _notifiedAt;

    public IEnumerable<(string Id, string State)> States => _all.Select(entry => (entry.Id, $"{entry.State.Name()} {entry.Attempts}"));

    public IEnumerable<string> Sent => _all.Where(entry => entry.State is CommandState.Sent).Select(entry => entry.Id);

    public int Count => _all.Count;

    /// <summary>Whether the device observes its commands.</summary>
    public bool Observes { get; private set; }

    /// <summary>Whether it has a notification to acknowledge.</summary>
    public bool IsNotified => _underWay is not null;

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

    /// <summary>The device observes from now on, or anew.</summary>
    public void Observe()
    {
        Fail();
        Observes = true;
    }

    /// <summary>It acknowledges its notification, and has spoken by that.</summary>
    public void Acknowledge()
    {
        foreach (var entry in _all.Where(entry => entry is { State: CommandState.Sent, Confirm: not CommandConfirm.Script }))
        {
            if (entry == _underWay || (!entry.IsPushed && entry.SentAt <= _notifiedAt))
            {
                entry.State = CommandState.Delivered;
            }
        }

        _underWay = null;
    }

    /// <summary>It resets it, or is not there any more.</summary>
    public void EndObservation()
    {
        Fail();
        Observes = false;
    }

    /// <summary>What is sent to a device that observes, if it can have something now.</summary>
    public string? Notify(DateTimeOffset now)
    {
        if (!Observes || _underWay is not null)
        {
            return null;
        }

        int? held = null;
        foreach (var entry in _all.Where(entry => entry is { State: CommandState.Sent, Confirm: CommandConfirm.Script }))
        {
            if (now - entry.SentAt >= ConfirmTimeout)
            {
                entry.State = entry.Attempts >= entry.MaxAttempts ? CommandState.Failed : CommandState.Queued;
            }
            else
            {
                held = Math.Max(held ?? int.MinValue, entry.Priority);
            }
        }

        return Choose(held, now, notifies: true);
    }

    private void Fail()
    {
        if (_underWay is { State: CommandState.Sent } entry)
        {
            entry.State = entry.Attempts >= entry.MaxAttempts ? CommandState.Failed : CommandState.Queued;
        }

        _underWay = null;
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
            else if (entry == _underWay)
            {
                held = Math.Max(held ?? int.MinValue, entry.Priority);
            }
            else if ((words[0] == "failed" && !entry.IsPushed) || (entry.Confirm is CommandConfirm.Script && now - entry.SentAt >= ConfirmTimeout))
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

        return confirmable ? Choose(held, now, notifies: false) : null;
    }

    private string? Choose(int? held, DateTimeOffset now, bool notifies)
    {
        foreach (var entry in Waiting().Where(entry => held is null || entry.Priority > held).OrderByDescending(entry => entry.Priority).ToArray())
        {
            if (entry.ExpiresAt <= now)
            {
                entry.State = CommandState.Expired;
                continue;
            }

            (entry.State, entry.Attempts, entry.SentAt, entry.IsPushed) = (CommandState.Sent, entry.Attempts + 1, now, notifies);
            var sent = $"{entry.Id}:";
            if (notifies)
            {
                (_underWay, _notifiedAt) = (entry, now);
            }
            else if (entry.Confirm is CommandConfirm.Sent)
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

        /// <summary>Whether it went out in a notification last.</summary>
        public bool IsPushed { get; set; }
    }
}
