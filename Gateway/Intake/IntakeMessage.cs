using System.Buffers;
using Gateway.Commands;

namespace Gateway.Intake;

/// <summary>A message as a broker has brought it.</summary>
/// <param name="Body">Its bytes; of one that is longer than a command may be, enough to tell so.</param>
/// <param name="Place">The topic or subject that it came by, for people.</param>
internal sealed record IntakeMessage(ReadOnlyMemory<byte> Body, string Place)
{
    /// <summary>The device that the topic names; null when it names none.</summary>
    public string? DeviceId { get; init; }

    /// <summary>The request id of a command that has none: the same each time the message comes. Null where the broker has no name for a message.</summary>
    public string? StableId { get; init; }

    /// <summary>Whether the broker only shows what somebody has said before: no new command.</summary>
    public bool IsRetained { get; init; }

    /// <summary>A copy of so much of a body as is needed.</summary>
    public static byte[] Copy(ReadOnlySequence<byte> body) => body.Slice(0, Math.Min(body.Length, CommandRequest.MaxBytes + 1)).ToArray();
}
