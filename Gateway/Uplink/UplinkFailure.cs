using Gateway.Coap;
using Gateway.Devices;
using Gateway.Journal;

namespace Gateway.Uplink;

/// <summary>
/// Why a frame could not be taken, or is answered as if it was not although it is kept: that is for its profile to say. The table for
/// people is in docs/answers.md.
/// </summary>
internal enum UplinkFailure
{
    /// <summary>None of the route's rules found a device id.</summary>
    NotIdentified,

    /// <summary>Devices are known here by their registration, and this one has none (any more).</summary>
    NotRegistered,

    /// <summary>As many devices are registered as may be.</summary>
    NoRoomToRegister,

    /// <summary>The script says that the bytes are not what the device should have sent.</summary>
    InvalidPayload,

    /// <summary>The device is unknown, and its profile lets nobody in.</summary>
    UnknownDevice,

    /// <summary>The message names another device than the one that has shown over DTLS who it is, and its profile has no devices that speak for others.</summary>
    SpeaksForAnother,

    /// <summary>The device is unknown, and no more may be held for approval.</summary>
    NoRoomToHold,

    /// <summary>The frame could not be made durable.</summary>
    NotDurable,

    /// <summary>The device's script is still being built; the frame is not kept, so that it is read when it comes again.</summary>
    ScriptNotReady,

    /// <summary>Nobody but the script could have answered, and it failed.</summary>
    NoAnswer,

    /// <summary>The script failed, or none can be run; the frame is kept, and the profile wants the device to know.</summary>
    ScriptFault,

    /// <summary>The device waits for approval; its frame is kept, and the profile wants it to know.</summary>
    Held,

    /// <summary>The frame is kept, and the profile wants the device to come back all the same.</summary>
    KeptForLater,

    /// <summary>The frame comes from a network that the profile does not take frames from.</summary>
    PeerNotAllowed,

    /// <summary>The frame brings no token, and the profile asks for one.</summary>
    ProofMissing,

    /// <summary>The token is not the device's, or the device is not known: which, only the log tells.</summary>
    ProofWrong,

    /// <summary>Too many wrong tokens came for this id from this network.</summary>
    ProofThrottled,

    /// <summary>The script that should find the token in the payload fails.</summary>
    ProofUnreadable,
}

/// <summary>The one table from failures to CoAP codes.</summary>
internal static class UplinkFailures
{
    // Long enough for an admin to notice, short enough for a sensor's memory.
    private const uint RetryAfterSeconds = 60;

    // A script takes a second or less to build; many at once wait for each other.
    private const uint RetryWhenReadySeconds = 10;

    /// <summary>As what a frame is refused that is kept, as its profile says; null when it is not.</summary>
    public static UplinkFailure? RefusalOf(FrameOutcome outcome, ProfileSettings profile)
    {
        var (answer, refusal) = outcome switch
        {
            FrameOutcome.InvalidPayload => (profile.OnMalformed, UplinkFailure.InvalidPayload),
            FrameOutcome.ScriptFailed or FrameOutcome.ScriptUnavailable => (profile.OnScriptFault, UplinkFailure.ScriptFault),
            FrameOutcome.Held => (profile.OnHeld, UplinkFailure.Held),
            _ => (KeptAnswer.Accept, default),
        };
        return answer switch
        {
            KeptAnswer.Accept => null,
            KeptAnswer.Retry => UplinkFailure.KeptForLater,
            _ => refusal,
        };
    }

    public static CoapResponse ToResponse(this UplinkFailure failure, string diagnostic)
    {
        var (code, retryAfter) = failure switch
        {
            UplinkFailure.NotIdentified => (CoapCode.BadRequest, (uint?)null),

            // OMA LwM2M 1.1 §6.2, §6.4: a device that is told so registers again.
            UplinkFailure.NotRegistered => (CoapCode.NotFound, null),
            UplinkFailure.InvalidPayload => (CoapCode.BadRequest, null),
            UplinkFailure.UnknownDevice or UplinkFailure.Held or UplinkFailure.SpeaksForAnother => (CoapCode.Forbidden, null),
            UplinkFailure.ProofMissing => (CoapCode.Unauthorized, null),
            UplinkFailure.ProofWrong or UplinkFailure.PeerNotAllowed => (CoapCode.Forbidden, null),
            UplinkFailure.ProofThrottled => (CoapCode.TooManyRequests, RetryAfterSeconds),
            UplinkFailure.ProofUnreadable => (CoapCode.ServiceUnavailable, RetryAfterSeconds),
            UplinkFailure.NoRoomToHold or UplinkFailure.NoRoomToRegister => (CoapCode.ServiceUnavailable, RetryAfterSeconds),
            UplinkFailure.ScriptNotReady => (CoapCode.ServiceUnavailable, RetryWhenReadySeconds),
            UplinkFailure.NotDurable or UplinkFailure.KeptForLater => (CoapCode.ServiceUnavailable, RetryAfterSeconds),
            _ => (CoapCode.InternalServerError, null),
        };
        return CoapResponse.Error(code, diagnostic) with { MaxAge = retryAfter };
    }
}
