namespace Gateway.Coap.Dtls;

/// <summary>
/// What two sides keep of a handshake: a DTLS session's keys, and which of its records have gone and come. It stays the same wherever its
/// peer moves. Methods may be called from any thread.
/// </summary>
//
// A session is some 800 bytes with the tables that it is found by: BouncyCastle shakes hands, and its state goes when it has.
internal sealed class Association
{
    // Handshakes have epoch 0; there is no second handshake in a session (RFC 5746: renegotiation), so all that is protected has epoch 1.
    public const ushort Epoch = 1;

    // A session that has sent so many records, a hundred a second for a year, has to shake hands again.
    private const ulong MaxRecords = 1UL << 32;

    private readonly Lock _gate = new();
    private readonly RecordKey _seal;
    private readonly RecordKey _open;
    private readonly byte[] _peerConnectionId;
    private readonly ulong _endOfSequence;

    // From here on: guarded by _gate.
    private ulong _nextSequence;
    private ReplayWindow _window;

    // Read and written as wholes.
    private Address _address;
    private volatile FinalFlight? _finalFlight;
    private volatile SessionDoubt? _doubt;
    private DtlsSocket? _home;
    private long _lastUsed;

    /// <param name="number">By what it is known: its connection id, if it has one.</param>
    /// <param name="secrets">What the handshake ended with.</param>
    /// <param name="isServer">Which side this is.</param>
    /// <param name="identity">Who the peer is.</param>
    /// <param name="source">Where the peer is now.</param>
    /// <param name="now">The time, as a timestamp.</param>
    public Association(ulong number, SessionSecrets secrets, bool isServer, DtlsIdentity? identity, in Peer source, long now)
    {
        (Number, Suite, Identity, _lastUsed) = (number, secrets.Suite, identity, now);
        var (client, server) = RecordKey.Cut(secrets.Suite, secrets.KeyBlock);
        (_seal, _open) = isServer ? (server, client) : (client, server);
        _peerConnectionId = secrets.PeerConnectionId;
        HasConnectionId = secrets.OwnConnectionId.Length > 0;
        MaxMessage = secrets.MaxMessage;
        _nextSequence = secrets.NextSequence;
        _endOfSequence = Math.Min(secrets.NextSequence + MaxRecords, Record.MaxSequence);
        _address = new Address(source with { Association = 0 });
    }

    public ulong Number { get; }

    public RecordSuite Suite { get; }

    public DtlsIdentity? Identity { get; }

    /// <summary>Whether its peer names it in each record; then one without the name is not its peer's (RFC 9146 §3).</summary>
    public bool HasConnectionId { get; }

    /// <summary>The longest message that its peer takes, in bytes.</summary>
    public int MaxMessage { get; }

    /// <summary>The socket at which it began, or was taken up again: what its peer sends is taken there, wherever it comes in.</summary>
    public DtlsSocket? Home { get => _home; init => _home = value; }

    /// <summary>What its peer has shown; null for one that has shown nothing.</summary>
    public SessionCredential? Credential { get; init; }

    /// <summary>When it began, in milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }

    /// <summary>What has to be cleared up before its messages are taken; null when nothing has.</summary>
    public SessionDoubt? Doubt => _doubt;

    /// <summary>Where its peer is now.</summary>
    public Peer Source => Volatile.Read(ref _address).Source;

    /// <summary>The peer, as the message layer knows it: wherever it is, it is the same.</summary>
    public Peer Peer => Source with { Association = Number };

    /// <summary>Whether its peer has sent a message.</summary>
    public bool HasSpoken { get; private set; }

    /// <summary>When it was used last, as a timestamp.</summary>
    public long LastUsed => Volatile.Read(ref _lastUsed);

    /// <summary>Whether it can seal no more records.</summary>
    public bool IsWornOut => Volatile.Read(ref _nextSequence) >= _endOfSequence;

    /// <summary>What ended the handshake, as long as it may have to be sent again.</summary>
    public FinalFlight? FinalFlight { get => _finalFlight; set => _finalFlight = value; }

    /// <summary>How much longer a record is than its message.</summary>
    public int Overhead => RecordCipher.Overhead(Suite, _peerConnectionId.Length);

    /// <summary>
    /// Takes a session up again. Its records are numbered from as many as there were microseconds since it began, if it has not sent more:
    /// no session sends one each microsecond, so no number is ever used twice, and none has to be kept for each record.
    /// </summary>
    /// <param name="saved">What was kept.</param>
    /// <param name="doubt">What has to be cleared up first.</param>
    /// <param name="time">The clock.</param>
    /// <param name="now">Its time, in milliseconds since 1970 UTC.</param>
    public static Association Restore(SavedSession saved, SessionDoubt? doubt, TimeProvider time, long now)
    {
        const ulong microseconds = 1000;
        var next = Math.Max(saved.Secrets.NextSequence, (ulong)(now - saved.CreatedAt) * microseconds);
        var lastUsed = time.GetTimestamp() - time.TimestampsIn(TimeSpan.FromMilliseconds(now - saved.LastUsed));
        return new Association(saved.Number, saved.Secrets with { NextSequence = next }, isServer: true, saved.Identity, saved.Source, lastUsed)
        {
            Credential = saved.Credential,
            CreatedAt = saved.CreatedAt,
            HasSpoken = true,
            _window = saved.Window,
            _doubt = doubt,
        };
    }

    /// <summary>What is kept of a server's session.</summary>
    public SavedSession Save(TimeProvider time)
    {
        lock (_gate)
        {
            return new SavedSession
            {
                Number = Number,
                Secrets = new SessionSecrets
                {
                    Suite = Suite,
                    KeyBlock = RecordKey.Join(_open, _seal),
                    OwnConnectionId = HasConnectionId ? HandshakeConnectionId.ToBytes(Number) : [],
                    PeerConnectionId = _peerConnectionId,
                    NextSequence = _nextSequence,
                    MaxMessage = MaxMessage,
                },
                Identity = Identity,
                Credential = Credential,
                Source = Source,
                CreatedAt = CreatedAt,
                LastUsed = time.GetUtcNow().ToUnixTimeMilliseconds() - (long)time.GetElapsedTime(LastUsed).TotalMilliseconds,
                Window = _window,
                IsInDoubt = _doubt is not null,
            };
        }
    }

    /// <summary>Where its peer's messages are taken from now on, if that is not settled yet.</summary>
    public void Settle(DtlsSocket home) => Interlocked.CompareExchange(ref _home, home, null);

    /// <summary>Its peer has answered what it can't have answered before: what is older than that counts as come.</summary>
    public void Believe(ulong sequence)
    {
        lock (_gate)
        {
            _window = ReplayWindow.EndingAt(Math.Max(_window.End, sequence + 1));
            _doubt = null;
        }
    }

    /// <summary>Writes a record into the room; returns its length, 0 when it can't be sent: it is too long, or the session has sent all that it may.</summary>
    public int Seal(RecordType type, ReadOnlySpan<byte> message, Span<byte> room)
    {
        if (message.Length > MaxMessage || message.Length + Overhead > room.Length)
        {
            return 0;
        }

        ulong sequence;
        lock (_gate)
        {
            if (_nextSequence >= _endOfSequence)
            {
                return 0;
            }

            sequence = _nextSequence++;
        }

        return RecordCipher.Mine.Seal(Suite, _seal, type, ((ulong)Epoch << 48) | sequence, _peerConnectionId, message, room);
    }

    /// <summary>Opens a record, which may be anybody's.</summary>
    /// <param name="record">The record.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="now">The time, as a timestamp.</param>
    /// <param name="room">Room as long as the record.</param>
    /// <param name="opened">What it holds.</param>
    public OpenResult Open(in Record record, in Peer source, long now, Span<byte> room, out OpenedRecord opened)
    {
        opened = default;
        if (record.Epoch != Epoch)
        {
            return OpenResult.Forged;
        }

        lock (_gate)
        {
            if (_window.HasCome(record.Sequence))
            {
                return OpenResult.Replayed;
            }
        }

        if (!RecordCipher.Mine.TryOpen(Suite, _open, record, room, out var type, out var message))
        {
            return OpenResult.Forged;
        }

        bool moved;
        lock (_gate)
        {
            if (_window.HasCome(record.Sequence))
            {
                return OpenResult.Replayed;
            }

            // RFC 9146 §6: an older record may have been kept by somebody and sent from elsewhere. And of two that two threads open, the
            // newer one has the last word.
            moved = HasConnectionId && _window.IsNewest(record.Sequence) && Source != source;
            _window.Add(record.Sequence);
            if (moved)
            {
                Volatile.Write(ref _address, new Address(source with { Association = 0 }));
            }
        }

        Volatile.Write(ref _lastUsed, now);
        HasSpoken |= type == RecordType.ApplicationData;
        opened = new OpenedRecord(type, message, record.Sequence, moved);
        return OpenResult.Opened;
    }

    // A peer is more than can be written at once.
    private sealed class Address(Peer source)
    {
        public Peer Source { get; } = source;
    }
}

/// <summary>What became of a record.</summary>
internal enum OpenResult
{
    Opened,

    /// <summary>It has come before, or is too old to tell.</summary>
    Replayed,

    /// <summary>It is not what the session's peer has written.</summary>
    Forged,
}

/// <summary>What a record holds.</summary>
internal readonly ref struct OpenedRecord(RecordType type, ReadOnlySpan<byte> message, ulong sequence, bool moved)
{
    public RecordType Type { get; } = type;

    public ReadOnlySpan<byte> Message { get; } = message;

    public ulong Sequence { get; } = sequence;

    /// <summary>Whether its sender has another address now.</summary>
    public bool Moved { get; } = moved;
}

/// <summary>The datagrams that ended a handshake: their receiver repeats its own last ones until it has them (RFC 6347 §4.2.4).</summary>
internal sealed class FinalFlight(IReadOnlyList<byte[]> datagrams, long until)
{
    private const int MaxRepeats = 10;

    private int _repeats;

    public IReadOnlyList<byte[]> Datagrams => datagrams;

    /// <summary>Whether it may be sent once more.</summary>
    public bool TryRepeat(long now) => now < until && Interlocked.Increment(ref _repeats) <= MaxRepeats;
}
