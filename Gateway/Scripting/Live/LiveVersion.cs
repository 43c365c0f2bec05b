namespace Gateway.Scripting;

/// <summary>A version that serves, with what became of its frames.</summary>
/// <param name="script">The version.</param>
/// <param name="source">What it was made of.</param>
/// <param name="since">Since when it is live.</param>
/// <param name="before">How the version before it did; null when there was none.</param>
/// <param name="time">The clock.</param>
internal sealed class LiveVersion(CompiledScript script, ScriptSource source, DateTimeOffset since, VersionTally? before, TimeProvider time)
{
    private int _takenBack;

    /// <summary>The version.</summary>
    public CompiledScript Script => script;

    /// <summary>What it was made of.</summary>
    public ScriptSource Source => source;

    /// <summary>Since when it is live.</summary>
    public DateTimeOffset Since => since;

    /// <summary>How the version before it did; null when that is not known.</summary>
    public VersionTally? Before => before;

    /// <summary>What became of its frames.</summary>
    public VersionTally Tally { get; } = new();

    /// <summary>The devices that it is not called for.</summary>
    public DeviceBreakers Breakers { get; } = new(time);

    /// <summary>Says, once, that it is to be taken back; false when somebody has said so before.</summary>
    public bool TakeBack() => Interlocked.Exchange(ref _takenBack, 1) == 0;
}
