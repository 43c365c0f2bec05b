using Gateway.Journal;

namespace Gateway.Commands;

/// <summary>The message in whose answer a command last went out: a script's <c>confirm</c> may compare it with the messages after it.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Payload">Its payload; empty when it was longer than is kept.</param>
internal sealed record SentMessage(string Path, ReadOnlyMemory<byte> Payload)
{
    // Kept in memory and in the store for each command that waits for its evidence. Sensors' messages are shorter.
    private const int MaxBytes = 1024;

    /// <summary>What is kept of a message. The bytes are copied: the datagram's are somebody else's soon.</summary>
    public static SentMessage Of(string path, ReadOnlyMemory<byte> payload) => new(path, payload.Length <= MaxBytes ? payload.ToArray() : default);

    public static SentMessage? Of(JournalRecord? frame) => frame is null ? null : Of(frame.Path, frame.Payload);
}
