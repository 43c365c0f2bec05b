using Gateway.Coap;
using Gateway.Devices;

namespace Gateway.Commands;

/// <summary>A message of ours that is under way to a device, until it is known what became of it. A device has one at a time.</summary>
/// <param name="Device">Whom to.</param>
/// <param name="At">When the commands were sent, as their steps say.</param>
/// <param name="Commands">The commands that it carries and that wait for its acknowledgement; none when it only asks whether the device is there.</param>
/// <param name="Payload">What it carries.</param>
internal sealed record Push(DeviceId Device, DateTimeOffset At, IReadOnlyList<QueuedCommand> Commands, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The request, for a device that has a server of its own; null for a notification.</summary>
    public PushRequest? Request { get; init; }

    /// <summary>Where the request goes.</summary>
    public PeerLink? Link { get; init; }

    /// <summary>Who is notified.</summary>
    public Observer? Observer { get; init; }

    /// <summary>What it is called in metrics.</summary>
    public string Kind => Request is null ? "notification" : "request";

    public bool Carries(QueuedCommand command) => Commands.Any(carried => carried.RequestId == command.RequestId);
}

/// <summary>What became of a <see cref="Push"/>.</summary>
/// <param name="Outcome">What it means for the commands.</param>
/// <param name="Reason">Why, where they are not delivered.</param>
internal sealed record PushEnd(PushOutcome Outcome, string? Reason = null)
{
    /// <summary>Whether nothing came back at all: then it is worth another try as soon as the device speaks.</summary>
    public bool IsSilence { get; init; }

    /// <summary>After how long the device wants to be asked again (Max-Age), where it says so.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The answer's payload, in which a script may find evidence; empty for none.</summary>
    public ReadOnlyMemory<byte> Answer { get; init; }

    /// <summary>The answer's Content-Format.</summary>
    public int? AnswerFormat { get; init; }

    /// <summary>What a notification's end means.</summary>
    public static PushEnd Of(TransmissionEnd end) => end switch
    {
        TransmissionEnd.Acknowledged => new PushEnd(PushOutcome.Acknowledged),
        TransmissionEnd.Reset => new PushEnd(PushOutcome.Failed, "the device does not observe its commands any more: it reset the notification"),
        TransmissionEnd.GivenUp => new PushEnd(PushOutcome.Failed, "the device did not acknowledge the notification") { IsSilence = true },
        _ => new PushEnd(PushOutcome.Failed, "the observation ended before the notification was acknowledged"),
    };

    /// <summary>What an answer to a request means.</summary>
    public static PushEnd Of(CoapMessage answer)
    {
        var diagnostic = DiagnosticOf(answer);
        var text = $"the device answered {answer.Code}{(diagnostic.Length > 0 ? $": {diagnostic}" : "")}";
        var maxAge = BlockOptions.FindUint(answer.Options, OptionNumber.MaxAge);
        return answer.Code.Class == 2
            ? new PushEnd(PushOutcome.Acknowledged)
            {
                Answer = answer.Payload,
                AnswerFormat = (int?)BlockOptions.FindUint(answer.Options, OptionNumber.ContentFormat),
            }
            : answer.Code.Class == 4 && answer.Code != CoapCode.TooManyRequests ? new PushEnd(PushOutcome.Rejected, text)
            : new PushEnd(PushOutcome.Failed, text) { RetryAfter = maxAge is { } seconds ? TimeSpan.FromSeconds(seconds) : null };
    }

    /// <summary>What it means that there is no answer.</summary>
    public static PushEnd Of(CoapClientException noAnswer, bool confirmable) => noAnswer.Error switch
    {
        CoapClientError.TimedOut when !confirmable => new PushEnd(PushOutcome.Unknown),
        CoapClientError.TimedOut => new PushEnd(PushOutcome.Failed, "the device did not answer the request") { IsSilence = true },
        CoapClientError.Rejected => new PushEnd(PushOutcome.Failed, "the device reset the request: it knows nothing of CoAP requests there, or was started anew"),
        _ => new PushEnd(PushOutcome.Failed, $"the request could not be carried out: {noAnswer.Message}"),
    };

    // RFC 7252 §5.5.2: a text for a person, in an answer without Content-Format. It comes from outside, and goes into logs and events.
    private static string DiagnosticOf(CoapMessage answer)
    {
        const int Most = 200;
        if (BlockOptions.FindUint(answer.Options, OptionNumber.ContentFormat) is > 0)
        {
            return "";
        }

        var text = System.Text.Encoding.UTF8.GetString(answer.Payload.Span[..Math.Min(answer.Payload.Length, Most)]);
        return string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
    }
}

/// <summary>What the end of a <see cref="Push"/> means for the commands that it carried.</summary>
internal enum PushOutcome
{
    /// <summary>The device has them.</summary>
    Acknowledged,

    /// <summary>The device will not do them, and says so.</summary>
    Rejected,

    /// <summary>The device does not have them, or it is not known: they wait again.</summary>
    Failed,

    /// <summary>Nothing is known, and nothing will be: they count as sent.</summary>
    Unknown,
}
