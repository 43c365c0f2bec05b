namespace Gateway.Devices;

internal static partial class DeviceLog
{
    [LoggerMessage(1200, LogLevel.Information, "device {Device} of profile {Profile}: {Outcome}")]
    public static partial void Admitted(this ILogger log, DeviceId device, string profile, string outcome);

    [LoggerMessage(1220, LogLevel.Information, "device {Device} registered from {Peer} for {Seconds} s")]
    public static partial void Entered(this ILogger log, DeviceId device, string peer, double seconds);

    [LoggerMessage(1201, LogLevel.Warning, "the store could not be told when {Devices} devices spoke last; it is tried again: {Problem}")]
    public static partial void SightingsNotSaved(this ILogger log, int devices, string problem);
}
