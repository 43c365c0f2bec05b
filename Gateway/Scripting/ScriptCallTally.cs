namespace Gateway.Scripting;

/// <summary>The calls of one function of one script. Counted here and told when asked: an instrument with tags takes longer than many a call.</summary>
internal sealed class ScriptCallTally
{
    // So many of the first calls are timed, and then one of so many: the clock, asked twice for each call of each frame, is not for nothing.
    private const int AllOfFirst = 1024;
    private const int OneOf = 16;

    // Success, and then each kind of failure.
    private readonly long[] _outcomes = new long[Enum.GetValues<ScriptFailureKind>().Length + 1];
    private long _begun;

    /// <summary>One begins. Whether it is to be timed.</summary>
    public bool Begin() => Interlocked.Increment(ref _begun) is var number && (number <= AllOfFirst || number % OneOf == 0);

    /// <summary>One has come to its end.</summary>
    public void End(ScriptFailureKind? failure) => Interlocked.Increment(ref _outcomes[failure is { } kind ? (int)kind + 1 : 0]);

    /// <summary>How many have come to each end that there was.</summary>
    public IEnumerable<(ScriptFailureKind? Failure, long Calls)> Outcomes()
    {
        for (var i = 0; i < _outcomes.Length; i++)
        {
            if (Interlocked.Read(ref _outcomes[i]) is > 0 and var calls)
            {
                yield return (i == 0 ? null : (ScriptFailureKind)(i - 1), calls);
            }
        }
    }
}

/// <summary>A call under way.</summary>
/// <param name="Script">The script's file name.</param>
/// <param name="Function">The function's name.</param>
/// <param name="Tally">Where it is counted.</param>
/// <param name="Started">When it began, as a timestamp; null when it is not timed.</param>
internal readonly record struct ScriptCall(string Script, string Function, ScriptCallTally Tally, long? Started);
