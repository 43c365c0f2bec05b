namespace Gateway.Sinks;

/// <summary>What became of one message.</summary>
/// <param name="Result">Taken, refused or to be tried again.</param>
/// <param name="Reason">Why it was not taken, for people.</param>
internal readonly record struct Outcome(OutcomeResult Result, string? Reason)
{
    public static Outcome Taken { get; } = new(OutcomeResult.Taken, null);

    public static Outcome Refused(string reason) => new(OutcomeResult.Refused, reason);

    public static Outcome Again(string problem) => new(OutcomeResult.Again, problem);
}

/// <summary>The three ends of a try.</summary>
internal enum OutcomeResult
{
    /// <summary>Not known, or known to have failed for now.</summary>
    Again,

    /// <summary>Safe where it was to go.</summary>
    Taken,

    /// <summary>Never to be taken.</summary>
    Refused,
}
