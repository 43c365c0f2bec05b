using Gateway.Coap;

namespace Gateway.Uplink;

/// <summary>Why a frame could not be taken. What a script did wrong is none of these: its frame is kept, and so it is taken.</summary>
internal enum UplinkFailure
{
    /// <summary>None of the route's rules found a device id.</summary>
    NotIdentified,

    /// <summary>The script says that the bytes are not what the device should have sent.</summary>
    InvalidPayload,

    /// <summary>The device is unknown, and its profile lets nobody in.</summary>
    UnknownDevice,

    /// <summary>The device is unknown, and no more may be held for approval.</summary>
    NoRoomToHold,

    /// <summary>The frame could not be made durable.</summary>
    NotDurable,

    /// <summary>The device's script is still being built; the frame is not kept, so that it is read when it comes again.</summary>
    ScriptNotReady,

    /// <summary>Nobody but the script could have answered, and it failed.</summary>
    NoAnswer,
}

/// <summary>The one table from failures to CoAP codes.</summary>
internal static class UplinkFailures
{
    // Long enough for an admin to notice, short enough for a sensor's memory.
    private const uint RetryAfterSeconds = 60;

    // A script takes a second or less to build; many at once wait for each other.
    private const uint RetryWhenReadySeconds = 10;

    public static CoapResponse ToResponse(this UplinkFailure failure, string diagnostic)
    {
        var (code, retryAfter) = failure switch
        {
            UplinkFailure.NotIdentified => (CoapCode.BadRequest, (uint?)null),
            UplinkFailure.InvalidPayload => (CoapCode.BadRequest, null),
            UplinkFailure.UnknownDevice => (CoapCode.Forbidden, null),
            UplinkFailure.NoRoomToHold => (CoapCode.ServiceUnavailable, RetryAfterSeconds),
            UplinkFailure.ScriptNotReady => (CoapCode.ServiceUnavailable, RetryWhenReadySeconds),
            UplinkFailure.NotDurable => (CoapCode.ServiceUnavailable, RetryAfterSeconds),
            _ => (CoapCode.InternalServerError, null),
        };
        return CoapResponse.Error(code, diagnostic) with { MaxAge = retryAfter };
    }
}
