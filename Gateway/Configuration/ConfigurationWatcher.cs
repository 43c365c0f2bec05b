namespace Gateway.Configuration;

/// <summary>
/// Looks at gateway.json every two seconds, and brings its changes to life. A file that can't be used changes nothing; it is told, here and by
/// the health. So is what takes a restart.
/// </summary>
internal sealed class ConfigurationWatcher : BackgroundService
{
    /// <summary>How often the file is looked at.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private const int MaxLogged = 50;

    private readonly LoadedConfiguration _started;
    private readonly LiveSettings _live;
    private readonly TimeProvider _time;
    private readonly ILogger<ConfigurationWatcher> _log;

    // One look at a time. What is below is of who holds it; the status may be read by anyone.
    private readonly SemaphoreSlim _looking = new(1);
    private FileStamp? _seen;
    private bool _isMissing;
    private LoadedConfiguration _last;
    private volatile ConfigurationStatus _status;

    public ConfigurationWatcher(LoadedConfiguration started, LiveSettings live, TimeProvider time, ILogger<ConfigurationWatcher> log)
    {
        (_started, _live, _time, _log, _seen, _last) = (started, live, time, log, started.Stamp, started);
        _status = new ConfigurationStatus(started.File, time.GetUtcNow(), [], []);
    }

    /// <summary>How the file stood at the last look.</summary>
    public ConfigurationStatus Status => _status;

    /// <summary>Looks at the file now, and reads it if it is not that of the last look.</summary>
    public async Task<ConfigurationStatus> LookAsync(CancellationToken cancellation)
    {
        await _looking.WaitAsync(cancellation);
        try
        {
            await TakeAsync(FileStamp.Of(_started.File));
            return _status;
        }
        finally
        {
            _looking.Release();
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _looking.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, _time);
        while (_started.File is not null && await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                _log.LookFailed(_started.Name, failure);
            }
        }
    }

    private async Task TakeAsync(FileStamp? stamp)
    {
        if (stamp is null && !_isMissing)
        {
            // A file that is not there for a moment is one that an editor is about to replace.
            _isMissing = true;
            return;
        }

        if (stamp == _seen)
        {
            return;
        }

        (_seen, _isMissing) = (stamp, false);
        var present = stamp is null ? null : ConfigurationLoader.Load(_started.Sources);
        string[] problems = present is null ? [$"{_started.Name} is not there any more"] : [.. present.ProblemLines];
        if (problems.Length > 0)
        {
            Refuse(problems);
        }
        else
        {
            await UseAsync(present!);
        }
    }

    private void Refuse(string[] problems)
    {
        foreach (var problem in problems.Take(MaxLogged))
        {
            _log.NotUsable(_started.Name, problem);
        }

        _status = _status with { ReadAt = _time.GetUtcNow(), Problems = problems };
    }

    private async Task UseAsync(LoadedConfiguration present)
    {
        if (_status.Problems.Count > 0)
        {
            _log.UsableAgain(_started.Name);
        }

        Tell(Between(_last, present));
        var failures = await _live.ApplyAsync(present.Settings);
        foreach (var (section, cause) in failures)
        {
            _log.NotApplied(_started.Name, section, cause);
        }

        var waiting = Hide([.. SettingsDiff.Between(_live.Now, present.Settings)], _started, present);
        if (_status.Waiting.Count > 0 && waiting.Count == 0)
        {
            _log.NothingWaits(_started.Name);
        }

        _last = present;
        _status = new ConfigurationStatus(
            _started.File, _time.GetUtcNow(), [.. failures.Select(failure => $"{failure.Section} could not be changed: {present.Secrets.Hide(failure.Cause.Message)}")], waiting);
    }

    private void Tell(IReadOnlyList<SettingsChange> changes)
    {
        foreach (var change in changes.Take(MaxLogged))
        {
            if (change.IsLive)
            {
                _log.Changed(_started.Name, change.ToString());
            }
            else
            {
                _log.TakesRestart(_started.Name, change.ToString());
            }
        }

        if (changes.Count > MaxLogged)
        {
            _log.ChangedMore(_started.Name, changes.Count - MaxLogged);
        }
    }

    private static IReadOnlyList<SettingsChange> Between(LoadedConfiguration before, LoadedConfiguration after) =>
        Hide(SettingsDiff.Between(before.Settings, after.Settings), before, after);

    // A change may show a value of before and one of now.
    private static IReadOnlyList<SettingsChange> Hide(IReadOnlyList<SettingsChange> changes, LoadedConfiguration before, LoadedConfiguration after) =>
        [.. changes.Select(change => change with { What = after.Secrets.Hide(before.Secrets.Hide(change.What)) })];
}
