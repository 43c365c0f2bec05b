using System.Threading.Tasks.Sources;

namespace Gateway.Journal;

/// <summary>
/// The wait of one append for its group. Whoever awaits it goes on with the thread that tells it, without a way over the thread pool:
/// for a frame that way would cost more than its commit.
/// </summary>
/// <param name="place">Where its first record stands.</param>
internal sealed class CommitWait(PlaceInGroup place) : IValueTaskSource<long>
{
    private ManualResetValueTaskSourceCore<long> _core;

    public ValueTask<long> Sequence => new(this, _core.Version);

    public void Tell(in CommitResult result)
    {
        if (result.Failure is not null)
        {
            _core.SetException(result.ToException(place));
        }
        else
        {
            _core.SetResult(result.FirstSequence + place.Index);
        }
    }

    long IValueTaskSource<long>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<long>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<long>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
