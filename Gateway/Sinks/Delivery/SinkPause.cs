namespace Gateway.Sinks;

/// <summary>Whether an admin has paused a sink. It stays so over restarts and reloads: the mark is a file beside the sink's dead letters.</summary>
internal sealed class SinkPause
{
    private readonly string _mark;
    private readonly TimeProvider _time;
    private readonly Lock _changing = new();

    // Null while the sink is not paused. Replaced under _changing, read by the sink's loop and by who asks.
    private volatile Pause? _pause;

    /// <param name="mark">The file that stands for it.</param>
    /// <param name="time">The clock.</param>
    public SinkPause(string mark, TimeProvider time)
    {
        (_mark, _time) = (mark, time);
        if (File.Exists(mark))
        {
            _pause = new Pause(new DateTimeOffset(File.GetLastWriteTimeUtc(mark)));
        }
    }

    /// <summary>Since when; null while it is not paused.</summary>
    public DateTimeOffset? Since => _pause?.Since;

    /// <summary>Pauses it, from the next batch on.</summary>
    /// <exception cref="IOException">The mark can't be written; nothing has changed.</exception>
    /// <exception cref="UnauthorizedAccessException">The mark may not be written; nothing has changed.</exception>
    public void Begin()
    {
        lock (_changing)
        {
            if (_pause is null)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(_mark)!);
                File.WriteAllText(_mark, "This sink is paused. It goes on when it is resumed over the management API, or at a start without this file.\n");
                _pause = new Pause(_time.GetUtcNow());
            }
        }
    }

    /// <summary>Lets it go on.</summary>
    /// <exception cref="IOException">The mark can't be deleted; nothing has changed.</exception>
    /// <exception cref="UnauthorizedAccessException">The mark may not be deleted; nothing has changed.</exception>
    public void End()
    {
        lock (_changing)
        {
            if (_pause is { } pause)
            {
                File.Delete(_mark);
                _pause = null;
                pause.Over.SetResult();
            }
        }
    }

    /// <summary>Completes when it is not paused.</summary>
    public Task PassAsync(CancellationToken cancellation) => _pause?.Over.Task.WaitAsync(cancellation) ?? Task.CompletedTask;

    private sealed class Pause(DateTimeOffset since)
    {
        public DateTimeOffset Since => since;

        public TaskCompletionSource Over { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
