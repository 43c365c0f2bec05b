using System.Globalization;

namespace Gateway.Sinks;

/// <summary>
/// The name of a message for the receiver's deduplication: <c>3f2a9c01b7d4e658-1234-0</c>. The journal's identity keeps gateways apart, and a
/// fresh journal from the one before it; the record's sequence and the message's place in the record name one message of that journal.
/// A message of several readings has the id of its first one.
/// </summary>
/// <param name="Journal">The journal's identity.</param>
/// <param name="Sequence">The record, from 1.</param>
/// <param name="Place">The message in the record, from 0.</param>
internal readonly record struct MessageId(string Journal, long Sequence, int Place)
{
    /// <summary>The name of a frame: the ids of the messages that its first reading gave are this, <c>-</c> and the place.</summary>
    public static string FrameOf(string journal, long sequence) => string.Create(CultureInfo.InvariantCulture, $"{journal}-{sequence}");

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string? text, out MessageId id)
    {
        id = default;
        if (text?.Split('-') is not [var journal, var sequence, var place]
            || !long.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var record)
            || !int.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out var at))
        {
            return false;
        }

        id = new MessageId(journal, record, at);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Journal}-{Sequence}-{Place}");
}
