using System.ComponentModel;

namespace Gateway.Telemetry;

/// <summary>The <c>log</c> section of gateway.json.</summary>
internal sealed record LogSettings
{
    [Description("The least level that is logged, on standard error.")]
    public LogVerbosity Level { get; init; } = LogVerbosity.Info;
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
