namespace Gateway.Cli;

/// <summary>What a look at the machine has found.</summary>
/// <param name="State">How it is.</param>
/// <param name="Subject">What was looked at.</param>
/// <param name="Fact">What was found.</param>
/// <param name="Advice">What to do; empty when there is nothing.</param>
internal sealed record Finding(FindingState State, string Subject, string Fact, string Advice = "")
{
    public static Finding Good(string subject, string fact) => new(FindingState.Good, subject, fact);

    public static Finding Odd(string subject, string fact, string advice) => new(FindingState.Warning, subject, fact, advice);

    public static Finding Bad(string subject, string fact, string advice) => new(FindingState.Problem, subject, fact, advice);
}

/// <summary>How something is.</summary>
internal enum FindingState
{
    /// <summary>All is well.</summary>
    Good,

    /// <summary>The gateway works, and might not always.</summary>
    Warning,

    /// <summary>The gateway won't start, or won't do what it is for.</summary>
    Problem,
}
