namespace Gateway.Commands;

/// <summary>How a run stands. The names are in the store.</summary>
internal enum RunState : byte
{
    /// <summary>It queues its command for one device after the other, or waits until what it has queued has come to an end.</summary>
    Running,

    /// <summary>Somebody has stopped it for a while: nothing more is queued, and nothing of what waits is sent.</summary>
    Paused,

    /// <summary>The same, by itself: too many of its commands have failed.</summary>
    Halted,

    /// <summary>It was called off: what waits is cancelled, and what was sent comes to its end.</summary>
    Cancelling,

    /// <summary>It has addressed all its devices, and all its commands have ended.</summary>
    Completed,

    /// <summary>It was called off, and all its commands have ended.</summary>
    Cancelled,
}

internal static class RunStates
{
    public static bool HasEnded(this RunState state) => state is RunState.Completed or RunState.Cancelled;

    /// <summary>Whether its commands that wait are kept back.</summary>
    public static bool HoldsBack(this RunState state) => state is not (RunState.Running or RunState.Completed);
}
