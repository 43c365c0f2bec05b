using Gateway.Journal;

namespace Gateway.Commands;

/// <summary>
/// The message in whose answer a command last went out, and that answer. A script's <c>confirm</c> may compare it with the messages after it;
/// and when the very message comes again, it is known, and gets the same answer.
/// </summary>
/// <param name="Path">Its path.</param>
/// <param name="Payload">Its payload; empty where no script asks for it, or when it was longer than is kept.</param>
internal sealed record SentMessage(string Path, ReadOnlyMemory<byte> Payload)
{
    /// <summary>How long a digest is, in bytes.</summary>
    public const int DigestLength = 16;

    // Kept in memory and in the store for each command that waits for its evidence. Sensors' messages are shorter, and so are commands.
    private const int MaxBytes = 1024;

    /// <summary>What tells the message from all others; null when that is not known.</summary>
    public UInt128? Digest { get; init; }

    /// <summary>What the answer carried; empty for all but the first of several, or when it was longer than is kept.</summary>
    public ReadOnlyMemory<byte> Answer { get; init; }

    /// <summary>What is kept of a message. The bytes are copied: the datagram's are somebody else's soon.</summary>
    public static SentMessage Of(string path, ReadOnlyMemory<byte> payload) => new(path, Kept(payload));

    /// <summary>The same with its answer.</summary>
    public SentMessage With(UInt128? digest, ReadOnlyMemory<byte> answer) => this with { Digest = digest, Answer = Kept(answer) };

    private static ReadOnlyMemory<byte> Kept(ReadOnlyMemory<byte> bytes) => bytes.Length <= MaxBytes ? bytes.ToArray() : default;

    /// <summary>What a record of the journal says of it.</summary>
    /// <param name="sent">The step with which the command went out.</param>
    /// <param name="frame">The message, where a script asks for it; null when it is not known.</param>
    public static SentMessage? Of(CommandStep sent, JournalRecord? frame)
    {
        var digest = DigestOf(sent.Message.Span);
        return frame is null && digest is null ? null : Of(frame?.Path ?? "", frame?.Payload ?? default).With(digest, sent.Body);
    }

    /// <summary>A digest as it is kept; empty for none.</summary>
    public static byte[] BytesOf(UInt128? digest)
    {
        if (digest is not { } value)
        {
            return [];
        }

        var bytes = new byte[DigestLength];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return bytes;
    }

    public static UInt128? DigestOf(ReadOnlySpan<byte> bytes) =>
        bytes.Length == DigestLength ? System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes) : null;
}
