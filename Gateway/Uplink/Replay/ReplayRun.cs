namespace Gateway.Uplink;

/// <summary>One replay: what was asked, and how far it is.</summary>
internal sealed class ReplayRun(string id, ReplayRequest request, DateTimeOffset startedAt) : IDisposable
{
    /// <summary>How many frames are told of one by one.</summary>
    public const int MostNotes = 20;

    private readonly CancellationTokenSource _cancelling = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Replaced as a whole by who does the work, read by who asks.
    private volatile ReplayProgress _progress = new();

    public string Id => id;

    public ReplayRequest Request => request;

    public DateTimeOffset StartedAt => startedAt;

    public ReplayProgress Progress => _progress;

    public CancellationToken Cancelled => _cancelling.Token;

    /// <summary>Completes when it has ended, however that was.</summary>
    public Task Ended => _ended.Task;

    public void Cancel() => _cancelling.Cancel();

    public void Enter(ReplayState state) => _progress = _progress with { State = state };

    /// <summary>So many more records are to be looked at.</summary>
    public void Expect(long records) => _progress = _progress with { Total = _progress.Total + records };

    /// <summary>So many more have been looked at.</summary>
    public void Looked(long records) => _progress = _progress with { Read = _progress.Read + records };

    public void Count(ReplayCounts counts) => _progress = _progress with { Counts = _progress.Counts + counts };

    public void NoteFailure(ReplayNote note)
    {
        if (_progress.Failures.Count < MostNotes)
        {
            _progress = _progress with { Failures = [.. _progress.Failures, note] };
        }
    }

    public void NoteDifference(ReplayNote note)
    {
        if (_progress.Differences.Count < MostNotes)
        {
            _progress = _progress with { Differences = [.. _progress.Differences, note] };
        }
    }

    public void End(ReplayState state, DateTimeOffset at, string? problem = null)
    {
        _progress = _progress with { State = state, EndedAt = at, Problem = problem };
        _ended.TrySetResult();
    }

    public void Dispose() => _cancelling.Dispose();
}
