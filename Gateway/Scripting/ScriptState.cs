namespace Gateway.Scripting;

/// <summary>What is known of a script at one moment.</summary>
internal sealed record ScriptState
{
    /// <summary>Nothing is known yet.</summary>
    public static readonly ScriptState Unknown = new();

    /// <summary>The last version that compiled.</summary>
    public CompiledScript? Current { get; init; }

    /// <summary>Since when it is live.</summary>
    public DateTimeOffset? LoadedAt { get; init; }

    /// <summary>What is wrong with the file.</summary>
    public IReadOnlyList<ScriptProblem> Problems { get; init; } = [];

    /// <summary>The version that <see cref="Problems"/> are of, so that it is not compiled again; null when the file could not be read.</summary>
    public string? FailedVersion { get; init; }

    /// <summary>How the file looked just before it was read: a change after that is never missed.</summary>
    public FileStamp Stamp { get; init; }
}
