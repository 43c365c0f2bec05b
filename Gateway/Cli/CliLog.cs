namespace Gateway.Cli;

internal static partial class CliLog
{
    [LoggerMessage(2100, LogLevel.Information, "gateway {Version} starts with {Configuration}")]
    public static partial void Starts(this ILogger log, string version, string configuration);
}
