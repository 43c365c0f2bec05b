using System.Globalization;
using Gateway.Devices;

namespace Gateway.Commands;

/// <summary>
/// What is to be expected of a command that is under way: when it is likely to go out or to be confirmed, and why then, or why not. It is told
/// from what is known now; nothing of it is a promise.
/// </summary>
internal sealed class CommandOutlooks(
    CommandIndex index, RecentExchanges exchanges, DeviceDirectory devices, ProfileCatalog profiles, CommandRuns runs, TimeProvider time)
{
    /// <summary>The outlook of one command; null when it has ended.</summary>
    public async ValueTask<CommandOutlook?> OfAsync(QueuedCommand command, CancellationToken cancellation) =>
        command.IsActive ? Of(command, index.AllOf(command.Device), await devices.FindAsync(command.Device, cancellation)) : null;

    /// <summary>The outlooks of all commands of a device, those that were sent first, then those that wait, in the order in which they go.</summary>
    /// <param name="id">Whose.</param>
    /// <param name="device">What is known of it; null when it is not known.</param>
    public IReadOnlyList<(QueuedCommand Command, CommandOutlook Outlook)> OfDevice(DeviceId id, Device? device)
    {
        var all = index.AllOf(id);
        return [.. all.Select(command => (command, Of(command, all, device)))];
    }

    private CommandOutlook Of(QueuedCommand command, IReadOnlyList<QueuedCommand> all, Device? device)
    {
        // Where the answer to any message may carry a command, all of them count as the confirmable ones do elsewhere.
        var rhythm = exchanges.RhythmOf(command.Device);
        if (rhythm is { } known && device?.Profile is { } profile && profiles.Find(profile) is { CommandsOnNon: true })
        {
            rhythm = known with { Confirmables = known.Messages, LastConfirmableAt = known.LastAt, ConfirmableInterval = known.Interval };
        }

        return command.State is CommandState.Sent ? OfSent(command, rhythm) : OfWaiting(command, all, device, rhythm);
    }

    private CommandOutlook OfSent(QueuedCommand command, DeviceRhythm? rhythm)
    {
        var now = time.GetUtcNow();
        var because = new List<string> { $"it was sent at {Instant(command.SentAt!.Value)}, attempt {Number(command.Attempts)} of {Number(command.MaxAttempts)}" };
        if (command.Confirm is not CommandConfirm.Script)
        {
            because.Add("the device's next message makes it delivered");
        }
        else
        {
            var again = command.SentAt.Value + TimeoutOf(command);
            because.Add(again > now
                ? $"each message of the device is looked through for evidence; without it, the first confirmable message after {Instant(again)} gets the command again"
                : $"without evidence since, the device's next confirmable message gets the command again, as {Instant(again)} is over");
        }

        because.AddRange(Silence(rhythm, command.SentAt.Value));
        return new CommandOutlook(rhythm is { } known ? NextMessage(known, now) : null, because);
    }

    private CommandOutlook OfWaiting(QueuedCommand command, IReadOnlyList<QueuedCommand> all, Device? device, DeviceRhythm? rhythm)
    {
        var now = time.GetUtcNow();
        var because = new List<string>();
        var isStuck = AddObstacles(command, all, device, because);
        var ahead = all.TakeWhile(other => !ReferenceEquals(other, command) && other.RequestId != command.RequestId)
            .Count(other => other.State is CommandState.Queued && other.IsDue(now) && !IsHeld(other));
        if (ahead > 0)
        {
            because.Add($"{(ahead == 1 ? "one command goes" : $"{Number(ahead)} commands go")} before it; an answer carries one, or more where the script merges them");
        }

        because.AddRange(Silence(rhythm, command.UpdatedAt));
        because.AddRange(LastRefusal(command));
        var likely = isStuck || rhythm is not { } known ? null : NextConfirmable(known, command.NotBefore > now ? command.NotBefore.Value : now, ahead);
        if (likely > command.ExpiresAt)
        {
            because.Add($"it expires at {Instant(command.ExpiresAt!.Value)}, before that");
        }

        return new CommandOutlook(likely, because);
    }

    // What stands in its way whenever the device speaks; true when nobody knows for how long.
    private bool AddObstacles(QueuedCommand command, IReadOnlyList<QueuedCommand> all, Device? device, List<string> because)
    {
        var isStuck = false;
        if (device is null or { State: DeviceState.Held })
        {
            because.Add(device is null ? "the device is not registered any more" : "the device waits for approval, and gets nothing until then");
            isStuck = true;
        }

        if (IsHeld(command))
        {
            because.Add($"its run {command.RunId} is {runs.Find(command.RunId!)?.State.ToString().ToLowerInvariant() ?? "held"}, and its commands are kept back");
            isStuck = true;
        }

        if (command.NotBefore > time.GetUtcNow())
        {
            because.Add($"it is not sent before {Instant(command.NotBefore.Value)}");
        }

        if (all.FirstOrDefault(other => other.State is CommandState.Sent && other.Confirm is CommandConfirm.Script && other.Priority >= command.Priority) is { } before)
        {
            because.Add($"it waits behind {before.RequestId}, which was sent at {Instant(before.SentAt!.Value)} and has no evidence yet; without it, that one goes again after {Instant(before.SentAt.Value + TimeoutOf(before))}");
        }

        if (command.Attempts > 0)
        {
            because.Add($"it was sent before, {(command.Attempts == 1 ? "once" : $"{Number(command.Attempts)} times")}, and waits again: {command.Reason}");
        }

        return isStuck;
    }

    // What the device has done since the command last moved.
    private static IEnumerable<string> Silence(DeviceRhythm? rhythm, DateTimeOffset since)
    {
        if (rhythm is not { } known)
        {
            yield return "the device has not spoken since the start of the gateway, so nothing is known of when it will";
            yield break;
        }

        if (known.LastAt < since)
        {
            yield return $"it has not spoken since; its last message came at {Instant(known.LastAt)}";
        }
        else if (!(known.LastConfirmableAt >= since))
        {
            yield return "it has spoken since, but in no confirmable message (CON): no command goes out in the answer to a NON";
        }

        if (known.Confirmables == 0)
        {
            yield return $"none of its {Number(known.Messages)} messages since the start of the gateway was confirmable";
        }
        else if (known.ConfirmableInterval is { } interval)
        {
            var which = known.Confirmables == known.Messages ? "messages" : "confirmable messages";
            yield return $"its {which} come about every {Seconds(interval)}, the last one came at {Instant(known.LastConfirmableAt!.Value)}{Share(known)}";
        }
        else
        {
            yield return $"it has sent one message that could fetch a command since the start of the gateway, at {Instant(known.LastConfirmableAt!.Value)}: too few to know how often they come";
        }

        if (known.NextTransmissionAt > known.LastAt)
        {
            yield return $"it says that it speaks again at {Instant(known.NextTransmissionAt.Value)}";
        }
    }

    private static string Share(DeviceRhythm rhythm) =>
        rhythm.Confirmables == rhythm.Messages ? "" : $"; {Number(rhythm.Confirmables)} of {Number(rhythm.Messages)} were confirmable";

    // Why the newest message that could have fetched it did not.
    private IEnumerable<string> LastRefusal(QueuedCommand command)
    {
        foreach (var exchange in exchanges.Of(command.Device))
        {
            if (exchange.ReceivedAt < command.UpdatedAt)
            {
                yield break;
            }

            if (exchange is { Confirmable: true, Verdict: not (CommandVerdict.Carried or CommandVerdict.NoneWaiting or CommandVerdict.NotConfirmable) })
            {
                yield return $"its message at {Instant(exchange.ReceivedAt)} did not fetch it: {exchange.Explanation}";
                yield break;
            }
        }
    }

    private static DateTimeOffset? NextMessage(DeviceRhythm rhythm, DateTimeOffset now) =>
        rhythm.NextTransmissionAt >= now ? rhythm.NextTransmissionAt : rhythm.Interval is { } interval ? Next(rhythm.LastAt, interval, now) : null;

    // The confirmable message that comes after so many others.
    private static DateTimeOffset? NextConfirmable(DeviceRhythm rhythm, DateTimeOffset from, int ahead)
    {
        if (rhythm is { LastConfirmableAt: null } or { ConfirmableInterval: null, NextTransmissionAt: null })
        {
            return null;
        }

        // A device whose every message is confirmable knows best itself. Of the others it is known that none comes before the next message.
        var said = rhythm.NextTransmissionAt >= from ? rhythm.NextTransmissionAt : null;
        var next = rhythm.Confirmables == rhythm.Messages ? said : null;
        if (next is null && rhythm.ConfirmableInterval is { } interval)
        {
            next = Next(rhythm.LastConfirmableAt.Value, interval, from);
            next = said > next ? said : next;
        }

        return ahead == 0 ? next : rhythm.ConfirmableInterval is { } each ? next + (each * ahead) : null;
    }

    private static DateTimeOffset Next(DateTimeOffset last, TimeSpan interval, DateTimeOffset from)
    {
        if (last + interval >= from || interval < TimeSpan.FromSeconds(1))
        {
            return last + interval >= from ? last + interval : from;
        }

        return last + (interval * Math.Ceiling((from - last) / interval));
    }

    private bool IsHeld(QueuedCommand command) => command.RunId is { } run && runs.Find(run) is { } known && known.State.HoldsBack();

    private TimeSpan TimeoutOf(QueuedCommand command) =>
        TimeSpan.FromSeconds((profiles.Find(command.Profile) ?? new ProfileSettings()).ConfirmTimeoutSeconds);

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan interval) => string.Create(CultureInfo.InvariantCulture, $"{interval.TotalSeconds:0.#} s");

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What is to be expected of a command.</summary>
/// <param name="LikelyAt">When it is likely to go out, or, of one that was sent, to be confirmed; null when that can't be told.</param>
/// <param name="Because">Why, in sentences for people.</param>
internal sealed record CommandOutlook(DateTimeOffset? LikelyAt, IReadOnlyList<string> Because);
