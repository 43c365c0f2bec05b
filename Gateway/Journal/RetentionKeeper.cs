using System.Globalization;

namespace Gateway.Journal;

/// <summary>
/// Keeps the journal as long and as large as the settings say. Age never takes a record that a reader has not had; size does so
/// only where the settings say "drop", and then it is counted and told. Of the committer's thread, but for the report.
/// </summary>
internal sealed class RetentionKeeper(
    Func<JournalSettings> settings, Func<IReadOnlyCollection<string>> activeCursors, CursorTable cursors, DateTimeOffset now, JournalMetrics metrics, ILogger logger)
{
    private const long Megabyte = 1024 * 1024;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, long> _untold = [];
    private IReadOnlyCollection<string> _readers = [];
    private DateTimeOffset _next = now + Interval;
    private DateTimeOffset _nextTold;
    private int _groups;
    private volatile RetentionReport _report = new(default, null);

    public RetentionReport Report => _report;

    /// <summary>Takes some of what may go, at most a few milliseconds of it. True when there may be more.</summary>
    public bool Prune(JournalFile file, DateTimeOffset now)
    {
        _readers = activeCursors();
        var isTime = now >= _next;
        var (isMore, held) = (false, (Retention?)null);
        foreach (var retention in Retentions.All)
        {
            var limits = LimitsOf(retention, file, now);
            if (isTime || file.Retained.Of(retention) > limits.MaxBytes)
            {
                var step = file.Prune(retention, limits);
                _groups += step.Taken.Count;
                isMore |= step.IsMore;
                held = step.IsHeld ? held ?? retention : held;
                NoteUnread(step);
            }
        }

        Tell(now, isTime && !isMore);
        TellHeld(file, held);
        if (isTime && !isMore)
        {
            _next = now + Interval;
        }

        return isMore;
    }

    private PruneLimits LimitsOf(Retention retention, JournalFile file, DateTimeOffset now)
    {
        var present = settings();
        var (days, megabytes) = retention switch
        {
            Retention.Commands => (present.CommandKeepDays, present.CommandMaxMegabytes),
            Retention.Failures => (present.FailureKeepDays, present.FailureMaxMegabytes),
            _ => (present.KeepDays, present.MaxMegabytes),
        };
        return new PruneLimits(
            (now - TimeSpan.FromDays(days)).ToUnixTimeMilliseconds(), megabytes == 0 ? long.MaxValue : megabytes * Megabyte,
            cursors.Slowest(_readers), present.OnLag is LagRule.Drop, file.LastSequence);
    }

    private void NoteUnread(PruneStep step)
    {
        foreach (var name in _readers)
        {
            var position = cursors.Of(name);
            var unread = step.Taken.Sum(taken => Math.Clamp(taken.Last - position, 0, taken.Count));
            if (unread > 0)
            {
                metrics.DeletedUnread(name, unread);
                _untold[name] = _untold.GetValueOrDefault(name) + unread;
            }
        }
    }

    // At most once a minute: with a limit that is reached, some go with every commit.
    private void Tell(DateTimeOffset now, bool isWhole)
    {
        if (isWhole && _groups > 0)
        {
            logger.Pruned(_groups);
            _groups = 0;
        }

        if (_untold.Count > 0 && now >= _nextTold)
        {
            foreach (var (name, records) in _untold)
            {
                logger.DeletedUnread(records, name);
            }

            _untold.Clear();
            _nextTold = now + Interval;
        }
    }

    private void TellHeld(JournalFile file, Retention? held)
    {
        if (held is { } retention && _report.Held is null)
        {
            var reader = _readers.MinBy(cursors.Of)!;
            var problem = string.Create(CultureInfo.InvariantCulture,
                $"the journal keeps {file.Retained.Of(retention) / Megabyte} MB of {retention.ToString().ToLowerInvariant()}, more than it may, for {reader} has had only what is up to record {cursors.Of(reader)}");
            logger.HeldBack(problem);
            _report = new RetentionReport(file.Retained, problem);
        }
        else
        {
            _report = new RetentionReport(file.Retained, held is null ? null : _report.Held);
        }
    }
}

/// <summary>How much is kept, and why more than should be; null when it is not.</summary>
internal sealed record RetentionReport(RetainedBytes Bytes, string? Held);
