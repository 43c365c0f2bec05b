namespace Gateway.Scripting;

/// <summary>How much one call of a script may take.</summary>
/// <param name="Time">How long it may run, without the time in which the runtime compiles its code.</param>
/// <param name="AllocatedBytes">How much memory it may allocate in all, whether it keeps it or not.</param>
internal sealed record ScriptLimits(TimeSpan Time, long AllocatedBytes)
{
    /// <summary>What gateway.json has when it says nothing.</summary>
    public static readonly ScriptLimits Default = Of(new ScriptSettings());

    /// <summary>What gateway.json says.</summary>
    public static ScriptLimits Of(ScriptSettings settings) =>
        new(TimeSpan.FromMilliseconds(settings.TimeLimitMilliseconds), (long)settings.AllocationLimitMegabytes << 20);

    /// <summary>For a version's first calls and its top-level code, which load types and fill tables that all later calls use.</summary>
    public ScriptLimits ForStart() => this with { Time = Time * 20, AllocatedBytes = AllocatedBytes * 4 };
}
