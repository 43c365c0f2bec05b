using Gateway.Coap;
using Gateway.Scripting.Contract;

namespace Gateway.Commands;

/// <summary>A device's message, as far as its commands go; or an occasion to reach it without one.</summary>
/// <param name="Registration">Who speaks for the device; null when nobody can: then nothing is sent, and nothing fails.</param>
/// <param name="Payload">The message's payload.</param>
/// <param name="Request">The request, with the room that its answer has.</param>
/// <param name="Carries">Whether its answer may carry a command: not that of a NON, and no error.</param>
internal sealed record CommandMessage(Registration? Registration, ReadOnlyMemory<byte> Payload, UplinkRequest Request, bool Carries)
{
    /// <summary>What tells the message from all others; null when that is not known.</summary>
    public UInt128? Digest { get; init; }

    /// <summary>
    /// How many bytes answers to this device could have if it had shown where it is: a command that needs so many and finds less room
    /// (<see cref="UplinkRequest.AnswerRoom"/>) waits for more; one that needs still more fails.
    /// </summary>
    public int MostRoom { get; init; }

    public CommandOccasion Occasion { get; init; } = CommandOccasion.Frame;

    /// <summary>What is under way to the device already; null for nothing.</summary>
    public Push? UnderWay { get; init; }

    /// <summary>Whether a notification reaches the device; only for a push.</summary>
    public bool Notifies { get; init; }

    /// <summary>Whether a request reaches it; only for a push.</summary>
    public bool Requests { get; init; }

    /// <summary>An occasion of our own.</summary>
    /// <param name="registration">Who speaks for the device.</param>
    /// <param name="request">What a notification answers.</param>
    /// <param name="notifies">Whether a notification reaches it.</param>
    /// <param name="requests">Whether a request reaches it.</param>
    public static CommandMessage Pushed(Registration registration, UplinkRequest request, bool notifies, bool requests) => new(registration, default, request, Carries: true)
    {
        Occasion = CommandOccasion.Push,
        Notifies = notifies,
        Requests = requests,

        // What is too large for a notification waits for a message that asks for it in blocks.
        MostRoom = int.MaxValue,
    };

    /// <summary>Whether evidence that is overdue is waited for no longer: only when the device speaks, or is known to be awake.</summary>
    public bool MayGiveUp => Occasion is not CommandOccasion.Push || Notifies;

    /// <summary>Whether a command can go out on this occasion: one with a path goes in a request of ours, all others in answers and notifications.</summary>
    public bool Reaches(QueuedCommand command) => command.Path is null
        ? Occasion is not CommandOccasion.Push || Notifies
        : Occasion is CommandOccasion.Push && Requests;

    /// <summary>A request of ours, in the words in which scripts get those that they answer.</summary>
    public UplinkRequest RequestOf(PushRequest push) => Request with
    {
        Method = push.Method.ToString(),
        Path = push.Target,
        ContentFormat = push.ContentFormat,
        Confirmable = push.Confirmable,
        AnswerRoom = BlockCut.MaxBodySize,
    };
}

/// <summary>What brings commands forward.</summary>
internal enum CommandOccasion
{
    /// <summary>The device has sent a frame, in which its script may read evidence.</summary>
    Frame,

    /// <summary>The device asks for its next command.</summary>
    Poll,

    /// <summary>The gateway goes to the device.</summary>
    Push,
}
