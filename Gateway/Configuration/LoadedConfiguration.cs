namespace Gateway.Configuration;

/// <summary>The settings as they are meant, from all sources together.</summary>
internal sealed record LoadedConfiguration
{
    /// <summary>The settings, with absolute paths; not to be used when there are problems.</summary>
    public required GatewaySettings Settings { get; init; }

    /// <summary>Where all of it came from, to look there again.</summary>
    public required ConfigurationSources Sources { get; init; }

    /// <summary>The full path of the file; null when there is none and the defaults are used.</summary>
    public string? File { get; init; }

    /// <summary>What problems call the file: its path from the current folder, when it lies below.</summary>
    public required string Name { get; init; }

    /// <summary>The folder that relative paths start from.</summary>
    public required string BaseFolder { get; init; }

    public required IReadOnlyList<SettingsProblem> Problems { get; init; }

    /// <summary>When the file was written that was read, and how long it was; null when there was none.</summary>
    public FileStamp? Stamp { get; init; }

    /// <summary>What was put in of the environment, to be taken out of whatever people see.</summary>
    public SettingsSecrets Secrets { get; init; } = new(new Dictionary<string, string>());

    /// <summary>The problems as an admin sees them, one a line.</summary>
    public IEnumerable<string> ProblemLines => Problems.Select(problem => problem.Describe(Name));
}

/// <summary>By what a file is known to be another one than before.</summary>
internal readonly record struct FileStamp(DateTime WrittenAt, long Length)
{
    /// <summary>That of a file; null when it is not there.</summary>
    public static FileStamp? Of(string? path) =>
        path is not null && new FileInfo(path) is { Exists: true } file ? new FileStamp(file.LastWriteTimeUtc, file.Length) : null;
}
