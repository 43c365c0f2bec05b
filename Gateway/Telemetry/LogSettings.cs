using System.Collections.ObjectModel;
using System.ComponentModel;

namespace Gateway.Telemetry;

/// <summary>The <c>log</c> section of gateway.json.</summary>
internal sealed record LogSettings
{
    [Description("The least level that is logged, on standard error.")]
    public LogVerbosity Level { get; init; } = LogVerbosity.Info;

    [Description("Other levels, by category or the beginning of one, such as \"Gateway.Uplink\" or \"Microsoft.AspNetCore\"; of several the longest counts.")]
    public IReadOnlyDictionary<string, LogVerbosity> Levels { get; init; } = ReadOnlyDictionary<string, LogVerbosity>.Empty;

    [Description("\"text\" is for people. \"json\" is for programs: an object for each entry, on a line of its own.")]
    public LogFormat Format { get; init; }

    /// <summary>Why a text can't be a key of <see cref="Levels"/>; null when it can. NLog would take * and ? for any text.</summary>
    public static string? ProblemOf(string category) =>
        category.Length > 0 && category.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_')
            ? null
            : $"\"{category}\" is no category, such as \"Gateway.Uplink\", and not the beginning of one";
}

/// <summary>How much is logged.</summary>
internal enum LogVerbosity
{
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

/// <summary>How an entry of the log is written.</summary>
internal enum LogFormat
{
    Text,
    Json,
}
