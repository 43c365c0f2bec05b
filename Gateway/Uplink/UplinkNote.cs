using Gateway.Coap;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Journal;
using Gateway.Routing;
using Gateway.Scripting.Contract;

namespace Gateway.Uplink;

/// <summary>What is to be remembered of a message and its answer, written on the way. Of one exchange.</summary>
internal sealed class UplinkNote
{
    /// <summary>When the message came, as a timestamp.</summary>
    public long ArrivedAt { get; init; }

    /// <summary>Whether it has brought what its profile asks for.</summary>
    public bool IsProven { get; set; }

    /// <summary>Who spoke.</summary>
    public DeviceId Device { get; set; }

    /// <summary>Why the message was refused, or its payload could not be read.</summary>
    public string? Problem { get; set; }

    /// <summary>What it did for the device's commands.</summary>
    public CommandVerdict Verdict { get; set; }

    /// <summary>The request ids of the commands that the answer carries.</summary>
    public string? Carried { get; set; }

    /// <summary>What became of the payload; null when nothing of it is kept.</summary>
    public Frame? Frame { get; set; }

    public DeviceExchange ToExchange(DeviceRoute route, CoapRequest coap, UplinkRequest request, CoapResponse answer, TimeSpan took) => new()
    {
        Id = Guid.ParseExact(request.RequestId, "N"),
        Device = Device,
        Profile = route.Profile,
        ReceivedAt = coap.ReceivedAt,
        Took = took,
        Method = coap.Method,
        Path = request.Path,
        Peer = request.Peer,
        Confirmable = coap.Confirmable,
        PayloadLength = coap.Payload.Length,
        Outcome = Frame?.Outcome ?? FrameOutcome.None,
        ReadingCount = Frame?.ReadingCount ?? 0,
        Problem = Frame?.Error ?? Problem,
        Code = answer.Code,
        AnswerLength = answer.Payload.Length,
        Verdict = Verdict,
        Carried = Carried,
    };
}
