using System.Net;

namespace Gateway.Coap.Dtls;

/// <summary>What DTLS logs: event ids 1060 to 1089. What a single datagram can cause is Debug, so that no peer can fill the log.</summary>
internal static partial class DtlsLog
{
    [LoggerMessage(1060, LogLevel.Information, "CoAP over DTLS listens on coaps://{EndPoint}")]
    public static partial void ListeningSecurely(this ILogger log, IPEndPoint endPoint);

    [LoggerMessage(1061, LogLevel.Debug, "{Peer}: has a session as {Identity}, with {Suite}")]
    public static partial void ShookHands(this ILogger log, Peer peer, string? identity, string suite);

    [LoggerMessage(1062, LogLevel.Debug, "{Peer}: the handshake ended: {Outcome}; {Claim}; {Detail}")]
    public static partial void HandshakeEnded(this ILogger log, Peer peer, HandshakeOutcome outcome, string claim, string? detail);

    [LoggerMessage(1063, LogLevel.Warning, "{Peer}: no DTLS session: {Outcome}; {Claim} (and {More} more since the last such line)")]
    public static partial void HandshakesFail(this ILogger log, Peer peer, HandshakeOutcome outcome, string claim, int more);

    [LoggerMessage(1064, LogLevel.Error, "{Peer}: the handshake failed on this side")]
    public static partial void HandshakeBroke(this ILogger log, Peer peer, Exception? exception);

    [LoggerMessage(1065, LogLevel.Debug, "{Peer}: the session of {Identity} has come here from {Before}")]
    public static partial void Moved(this ILogger log, Peer peer, string? identity, Peer before);

    [LoggerMessage(1066, LogLevel.Debug, "{Peer}: alert {Alert} in the session of {Identity}")]
    public static partial void AlertReceived(this ILogger log, Peer peer, string alert, string? identity);

    [LoggerMessage(1067, LogLevel.Error, "coaps://{EndPoint}: a datagram from {Peer} could not be handled")]
    public static partial void SecureDatagramFailed(this ILogger log, IPEndPoint endPoint, Peer peer, Exception exception);

    [LoggerMessage(1068, LogLevel.Error, "The housekeeping of DTLS failed; it is tried again")]
    public static partial void HousekeepingFailed(this ILogger log, Exception exception);

    [LoggerMessage(1069, LogLevel.Debug, "{Peer}: {Length} bytes can't be sent in the session of {Identity}")]
    public static partial void Unsendable(this ILogger log, Peer peer, int length, string? identity);

    [LoggerMessage(1071, LogLevel.Warning, "{Problem}; the one before goes on")]
    public static partial void CredentialUnusable(this ILogger log, string problem);

    [LoggerMessage(1072, LogLevel.Information, "DTLS shows the certificate of {Subject} from now on, which holds until {NotAfter:yyyy-MM-dd HH:mm}Z; sessions stay")]
    public static partial void CredentialReplaced(this ILogger log, string subject, DateTime notAfter);

    [LoggerMessage(1073, LogLevel.Information, "{Restored} DTLS sessions of before are taken up again: {How}; {Refused} are not, and their devices shake hands again")]
    public static partial void SessionsRestored(this ILogger log, int restored, int refused, string how);

    [LoggerMessage(1074, LogLevel.Information, "{Count} DTLS sessions are kept for the next start")]
    public static partial void SessionsSaved(this ILogger log, int count);

    [LoggerMessage(1075, LogLevel.Warning, "{Problem}; DTLS sessions are not kept over a restart, and those of before are not taken up: their devices shake hands again")]
    public static partial void SessionsNotKept(this ILogger log, string problem);

    [LoggerMessage(1076, LogLevel.Warning, "{Problem}; the DTLS sessions that begin now do not survive a restart")]
    public static partial void SessionsNotWritten(this ILogger log, string problem);

    [LoggerMessage(1077, LogLevel.Warning, "the clock is behind the time at which the {Count} DTLS sessions of before were kept, so they are not taken up: their devices shake hands again")]
    public static partial void ClockWentBack(this ILogger log, int count);

    [LoggerMessage(1070, LogLevel.Information, "CoAP over DTLS stopped listening on coaps://{EndPoint}")]
    public static partial void StoppedSecurely(this ILogger log, IPEndPoint endPoint);
}
