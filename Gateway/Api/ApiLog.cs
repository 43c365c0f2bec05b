namespace Gateway.Api;

internal static partial class ApiLog
{
    [LoggerMessage(1900, LogLevel.Information, "the management API listens on {Address}")]
    public static partial void Listening(this ILogger log, string address);
}
