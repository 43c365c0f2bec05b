using System.Buffers.Binary;

namespace Gateway.Coap;

/// <summary>A CON of ours, until it is acknowledged. The outbox's lock guards what changes.</summary>
internal sealed class Transmission(Peer peer, MessageId id, Token token, byte[] datagram, Action<TransmissionEnd>? ended)
{
    // Under what it has gone out before a newer message took its place, without the first: a reset of that is one of this.
    private List<MessageId>? _formerIds;

    public Peer Peer { get; } = peer;

    /// <summary>The ID that it was given at first, by which the outbox's caller knows it.</summary>
    public MessageId FirstId { get; } = id;

    public Token Token { get; } = token;

    /// <summary>The ID under which it is in flight.</summary>
    public MessageId Id { get; private set; } = id;

    public IReadOnlyList<MessageId> FormerIds => _formerIds ?? (IReadOnlyList<MessageId>)[];

    public byte[] Datagram { get; private set; } = datagram;

    public bool IsRequest => CoapCodec.CodeOf(Datagram).IsRequest;

    /// <summary>A newer message that is to take its place as soon as this attempt is over; it has no ID yet.</summary>
    public byte[]? Newer { get; private set; }

    /// <summary>Whether it has gone out; otherwise it waits for one before it.</summary>
    public bool InFlight { get; set; }

    /// <summary>How long it waits now, in timestamps; doubled each time.</summary>
    public long Timeout { get; set; }

    /// <summary>When it is sent again; <see cref="Retransmitter.Never"/> when it isn't.</summary>
    public long Deadline { get; set; } = Retransmitter.Never;

    public int Retransmissions { get; set; }

    public Action<TransmissionEnd>? Ended { get; } = ended;

    // Encoded before the lock is taken, a message learns its ID under it: its third and fourth byte (RFC 7252 §3).
    public static void Stamp(byte[] datagram, MessageId id) => BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), id.Value);

    /// <summary>A newer message takes its place: at once if it has not gone out yet, under the same ID, otherwise when the attempt under way is over.</summary>
    public void Replace(byte[] datagram)
    {
        if (InFlight)
        {
            Newer = datagram;
            return;
        }

        Stamp(datagram, Id);
        Datagram = datagram;
    }

    /// <summary>The newer message takes its place, under an ID of its own.</summary>
    public void BecomeNewer(MessageId id)
    {
        if (Id != FirstId)
        {
            (_formerIds ??= []).Add(Id);
        }

        Stamp(Newer!, id);
        (Id, Datagram, Newer) = (id, Newer!, null);
    }

    public void ForgetFormerIds() => _formerIds?.Clear();
}
