using System.Net;
using System.Net.Sockets;

namespace Gateway.Coap;

/// <summary>What the engine logs: event ids 1000 to 1099. What a single datagram can cause is Debug, so that no peer can fill the log.</summary>
internal static partial class CoapLog
{
    [LoggerMessage(1000, LogLevel.Information, "CoAP listens on coap://{EndPoint}")]
    public static partial void Listening(this ILogger log, IPEndPoint endPoint);

    [LoggerMessage(1001, LogLevel.Warning,
        "The receive buffer of coap://{EndPoint} is {Granted} bytes instead of {Wanted}: bursts may be lost")]
    public static partial void SmallReceiveBuffer(this ILogger log, IPEndPoint endPoint, int granted, int wanted);

    [LoggerMessage(1002, LogLevel.Information, "CoAP stopped listening on coap://{EndPoint}")]
    public static partial void Stopped(this ILogger log, IPEndPoint endPoint);

    [LoggerMessage(1003, LogLevel.Warning, "{Requests} CoAP requests were still in work when the server stopped")]
    public static partial void StoppedInWork(this ILogger log, int requests);

    [LoggerMessage(1004, LogLevel.Warning, "coap.batched_io has no effect on coap://{EndPoint}, which receives one datagram at a time: {Reason}")]
    public static partial void NotBatched(this ILogger log, IPEndPoint endPoint, string reason);

    [LoggerMessage(1005, LogLevel.Warning,
        "The receive buffer of coap://{EndPoint} is {Granted} bytes instead of {Wanted}: bursts may be lost; net.core.rmem_max limits it, raise it with: sysctl -w net.core.rmem_max={Needed}")]
    public static partial void ReceiveBufferCut(this ILogger log, IPEndPoint endPoint, int granted, int wanted, int needed);

    [LoggerMessage(1006, LogLevel.Information, "coap://{EndPoint} is served by {Shards} sockets")]
    public static partial void Sharded(this ILogger log, IPEndPoint endPoint, int shards);

    [LoggerMessage(1010, LogLevel.Debug, "{Peer}: {Length} bytes are no CoAP message: {Error}")]
    public static partial void Malformed(this ILogger log, Peer peer, int length, DecodeError error);

    [LoggerMessage(1011, LogLevel.Debug, "{Peer}: {Id} is a duplicate")]
    public static partial void Duplicate(this ILogger log, Peer peer, MessageId id);

    [LoggerMessage(1012, LogLevel.Debug, "{Peer}: message {Id} was never acknowledged")]
    public static partial void GivenUp(this ILogger log, Peer peer, MessageId id);

    [LoggerMessage(1013, LogLevel.Debug, "{Peer}: can't send {Length} bytes: {Error}")]
    public static partial void SendFailed(this ILogger log, Peer peer, int length, SocketError error);

    [LoggerMessage(1014, LogLevel.Debug, "coap://{EndPoint}: receive reported {Error}")]
    public static partial void ReceiveReported(this ILogger log, IPEndPoint endPoint, SocketError error);

    [LoggerMessage(1015, LogLevel.Debug, "{Peer}: can't send {Length} bytes: {Error}")]
    public static partial void SendFailed(this ILogger log, Peer peer, int length, LinuxError error);

    [LoggerMessage(1016, LogLevel.Debug, "coap://{EndPoint}: receive reported {Error}")]
    public static partial void ReceiveReported(this ILogger log, IPEndPoint endPoint, LinuxError error);

    [LoggerMessage(1017, LogLevel.Debug, "{Peer}: dropped: {Reason}")]
    public static partial void Dropped(this ILogger log, Peer peer, DropReason reason);

    [LoggerMessage(1020, LogLevel.Error, "{Peer}: {Method} /{Path} failed")]
    public static partial void ResourceFailed(this ILogger log, Peer peer, CoapCode method, string path, Exception exception);

    [LoggerMessage(1021, LogLevel.Error, "{Peer}: {Method} /{Path} was answered {Code} with {Length} bytes, which can't be sent")]
    public static partial void ImpossibleAnswer(this ILogger log, Peer peer, CoapCode method, string path, CoapCode code, int length);

    [LoggerMessage(1030, LogLevel.Error, "coap://{EndPoint}: receiving failed; trying again")]
    public static partial void ReceiveFailed(this ILogger log, IPEndPoint endPoint, Exception exception);

    [LoggerMessage(1033, LogLevel.Error, "coap://{EndPoint}: a datagram from {Peer} could not be handled")]
    public static partial void DatagramFailed(this ILogger log, IPEndPoint endPoint, Peer peer, Exception exception);

    [LoggerMessage(1031, LogLevel.Error, "Retransmission failed")]
    public static partial void TickFailed(this ILogger log, Exception exception);

    [LoggerMessage(1032, LogLevel.Error, "{Peer}: the answer to {Id} could not be sent")]
    public static partial void AnswerFailed(this ILogger log, Peer peer, MessageId id, Exception exception);

    [LoggerMessage(1040, LogLevel.Debug, "{Peer}: message {Id} is dropped: too many wait to be acknowledged")]
    public static partial void OutboxFull(this ILogger log, Peer peer, MessageId id);

    [LoggerMessage(1041, LogLevel.Debug, "{Peer}: /{Path} is answered but not observed: {Limit} is reached")]
    public static partial void TooManyObservers(this ILogger log, Peer peer, string path, string limit);

    [LoggerMessage(1042, LogLevel.Debug, "{Peer}: /{Path} is observed no more: {End}")]
    public static partial void ObservationEnded(this ILogger log, Peer peer, string path, TransmissionEnd end);

    [LoggerMessage(1043, LogLevel.Error, "{Peer}: the notification of /{Path} failed; it is observed no more")]
    public static partial void NotificationFailed(this ILogger log, Peer peer, string path, Exception exception);

    [LoggerMessage(1050, LogLevel.Debug, "{Peer}: is to echo before it is answered: it has not shown that it receives at its address")]
    public static partial void Challenged(this ILogger log, Peer peer);

    [LoggerMessage(1051, LogLevel.Debug, "{Peer}: {Method} /{Path} is answered in small blocks: it has not shown that it receives at its address, and can't be asked to")]
    public static partial void AnsweredInSmallBlocks(this ILogger log, Peer peer, CoapCode method, string path);

    [LoggerMessage(1054, LogLevel.Debug, "coap {EndPoint}: what comes for the groups of other programs can't be kept away at level {Level}: {Error}")]
    public static partial void GroupsNotRefused(this ILogger logger, IPEndPoint endPoint, int level, SocketError error);
}
