namespace Gateway.Access;

internal static partial class AccessLog
{
    [LoggerMessage(2300, LogLevel.Warning, "{Method} {Path} from {Origin} was refused: {Reason}")]
    public static partial void Refused(this ILogger log, string method, string path, string origin, string reason);

    [LoggerMessage(2301, LogLevel.Information, "the keys were read anew: {Usable} can be used")]
    public static partial void KeysRead(this ILogger log, int usable);

    [LoggerMessage(2302, LogLevel.Error, "the keys can't be read; those that are known stay good: {Problem}")]
    public static partial void KeysUnreadable(this ILogger log, string problem);

    [LoggerMessage(2303, LogLevel.Error, "the audit record can't be written ({Problem}). This change is in no record but this line: {Change}")]
    public static partial void AuditUnwritten(this ILogger log, string problem, string change);

    [LoggerMessage(2304, LogLevel.Warning, "the audit record could not forget what is old: {Problem}")]
    public static partial void AuditNotPruned(this ILogger log, string problem);

    [LoggerMessage(2305, LogLevel.Warning, "the management API has no key yet: whoever reaches it on this machine may do everything. \"gateway key add --name NAME --role admin\" closes it")]
    public static partial void NoKeyYet(this ILogger log);

    [LoggerMessage(2306, LogLevel.Warning, "the provider of OpenID Connect gave no keys to check a token with: {Problem}")]
    public static partial void ProviderUnreachable(this ILogger log, string problem);
}
