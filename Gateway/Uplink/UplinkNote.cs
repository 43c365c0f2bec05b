using System.Diagnostics;
using System.Text.Json;
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

    /// <summary>The exchange's span; null when it is not traced.</summary>
    public Activity? Span { get; init; }

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

    /// <summary>Says in the exchange's span what came of it.</summary>
    public void DescribeSpan(DeviceRoute route, CoapRequest coap, UplinkRequest request, CoapResponse answer)
    {
        if (Span is null)
        {
            return;
        }

        Span.DisplayName = $"{coap.Method} {route.Template}";
        Span.SetTag("coap.method", coap.Method.ToString()).SetTag("coap.code", answer.Code.ToString()).SetTag("coap.payload_bytes", coap.Payload.Length);
        Span.SetTag("network.peer.address", coap.Peer.Address.ToString()).SetTag("network.peer.port", coap.Peer.Port);
        Span.SetTag("gateway.request_id", request.RequestId).SetTag("gateway.device_id", Device.ToString()).SetTag("gateway.profile", route.Profile);
        Span.SetTag("gateway.outcome", JsonNamingPolicy.SnakeCaseLower.ConvertName((Frame?.Outcome ?? FrameOutcome.None).ToString())).SetTag("gateway.readings", Frame?.ReadingCount ?? 0).SetTag("gateway.commands", Carried);
        if ((Frame?.Error ?? Problem) is { } problem)
        {
            Span.SetStatus(ActivityStatusCode.Error, problem);
        }
    }
}
