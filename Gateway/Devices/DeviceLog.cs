using System.Net;
using Gateway.Coap;

namespace Gateway.Devices;

internal static partial class DeviceLog
{
    [LoggerMessage(1200, LogLevel.Information, "device {Device} of profile {Profile}: {Outcome}")]
    public static partial void Admitted(this ILogger log, DeviceId device, string profile, string outcome);

    [LoggerMessage(1220, LogLevel.Information, "device {Device} registered from {Peer} for {Seconds} s")]
    public static partial void Entered(this ILogger log, DeviceId device, string peer, double seconds);

    [LoggerMessage(1201, LogLevel.Warning, "the store could not be told when {Devices} devices spoke last; it is tried again: {Problem}")]
    public static partial void SightingsNotSaved(this ILogger log, int devices, string problem);

    [LoggerMessage(1202, LogLevel.Warning, "when {Devices} devices spoke last is not in the store: it did not take them within the {Seconds} s that a stop waits")]
    public static partial void SightingsLost(this ILogger log, int devices, double seconds);

    [LoggerMessage(1230, LogLevel.Information, "device {Device} is traced until {Until:u}")]
    public static partial void TraceStarted(this ILogger log, DeviceId device, DateTimeOffset until);

    [LoggerMessage(1231, LogLevel.Information, "device {Device} is traced no longer")]
    public static partial void TraceEnded(this ILogger log, DeviceId device);

    [LoggerMessage(1232, LogLevel.Information, "{RequestId}: device {Device} says {Type} {Method} /{Path} from {Peer}, {Bytes} bytes: {Hex}")]
    public static partial void TraceSays(this ILogger log, string requestId, DeviceId device, string type, CoapCode method, string path, IPEndPoint peer, int bytes, string hex);

    [LoggerMessage(1233, LogLevel.Information, "{RequestId}: device {Device} is answered {Code}, {Bytes} bytes: {Hex}")]
    public static partial void TraceAnswer(this ILogger log, string requestId, DeviceId device, CoapCode code, int bytes, string hex);

    [LoggerMessage(1234, LogLevel.Information, "device {Device} is sent a {Kind}, {Bytes} bytes: {Hex}")]
    public static partial void TracePush(this ILogger log, DeviceId device, string kind, int bytes, string hex);

    [LoggerMessage(1235, LogLevel.Information, "device {Device}: the {Kind} was {Outcome}, and answered with {Bytes} bytes: {Hex}")]
    public static partial void TracePushEnd(this ILogger log, DeviceId device, string kind, Enum outcome, int bytes, string hex);
}
