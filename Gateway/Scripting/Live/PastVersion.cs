namespace Gateway.Scripting;

/// <summary>A version that was live, and can be again.</summary>
/// <param name="Source">What it was made of.</param>
/// <param name="Since">Since when it was live.</param>
internal sealed record PastVersion(ScriptSource Source, DateTimeOffset Since)
{
    /// <summary>Its id.</summary>
    public string Version => Source.Version;
}
