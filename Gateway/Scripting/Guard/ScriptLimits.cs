namespace Gateway.Scripting;

/// <summary>How much one call of a script may take.</summary>
/// <param name="Time">How long it may run, without the time in which the runtime compiles its code.</param>
/// <param name="AllocatedBytes">How much memory it may allocate in all, whether it keeps it or not.</param>
internal sealed record ScriptLimits(TimeSpan Time, long AllocatedBytes)
{
    /// <summary>How many readings a frame may give.</summary>
    public int MaxReadings { get; init; } = 10_000;

    /// <summary>How long what a call gives may be, in bytes: readings about as they are written as JSON, commands and answers as they are.</summary>
    public int MaxOutputBytes { get; init; } = 1 << 20;

    /// <summary>What gateway.json has when it says nothing.</summary>
    public static readonly ScriptLimits Default = Of(new ScriptSettings());

    /// <summary>What gateway.json says.</summary>
    public static ScriptLimits Of(ScriptSettings settings) =>
        new(TimeSpan.FromMilliseconds(settings.TimeLimitMilliseconds), (long)settings.AllocationLimitMegabytes << 20)
        {
            MaxReadings = settings.MaxReadings,
            MaxOutputBytes = settings.MaxOutputBytes,
        };

    /// <summary>For a version's first calls and its top-level code, which load types and fill tables that all later calls use.</summary>
    public ScriptLimits ForStart() => this with { Time = Time * 20, AllocatedBytes = AllocatedBytes * 4 };
}
