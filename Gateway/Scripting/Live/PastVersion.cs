namespace Gateway.Scripting;

/// <summary>A version that was live, and can be again.</summary>
/// <param name="Source">What it was made of.</param>
/// <param name="Since">Since when it was live.</param>
internal sealed record PastVersion(ScriptSource Source, DateTimeOffset Since)
{
    /// <summary>Whether it was gone back from: then nobody goes back to it without naming it.</summary>
    public bool TurnedAway { get; init; }

    /// <summary>Its id.</summary>
    public string Version => Source.Version;
}
