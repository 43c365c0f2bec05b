namespace Gateway.Scripting;

/// <summary>Where a call of a script ended early.</summary>
/// <param name="What">The exception's type, with which two such places are compared; null when the call was stopped.</param>
/// <param name="Place">The line that the runtime tells; null when it tells none.</param>
internal readonly record struct FaultSite(string? What, ScriptFrame? Place)
{
    /// <summary>Of what a call threw, or was stopped for. Made before the call ends; it keeps nothing of the script.</summary>
    public static FaultSite Of(ScriptBudget call, Exception? thrown) => call.Tripped is null && thrown is not null
        ? new(FailureText.Cause(thrown).GetType().FullName, FailureText.PlaceOf(thrown))
        : new(null, call.Place);
}
