namespace Gateway.Api;

internal static partial class ApiLog
{
    [LoggerMessage(1900, LogLevel.Information, "the management API listens on {Address}")]
    public static partial void Listening(this ILogger log, string address);

    [LoggerMessage(1910, LogLevel.Error, "{Problem}. The one before stays in use")]
    public static partial void CertificateUnusable(this ILogger log, string problem);

    [LoggerMessage(1911, LogLevel.Information, "the API has a new certificate: {Subject}, good until {NotAfter:yyyy-MM-dd HH:mm}Z")]
    public static partial void CertificateReplaced(this ILogger log, string subject, DateTime notAfter);
}
