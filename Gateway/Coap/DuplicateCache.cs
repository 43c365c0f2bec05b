using System.Runtime.CompilerServices;

namespace Gateway.Coap;

/// <summary>
/// The requests of the last minutes and what acknowledged them, by which duplicates are known (RFC 7252 §4.5). Bounded: when it
/// is full, the oldest is forgotten, so that its retransmission would be taken for a new request. Not thread-safe; the exchange
/// table's lock guards it.
/// </summary>
//
// A ring of values rather than objects: hundreds of thousands that live for four minutes would have the garbage collector move
// each of them twice. So an answer that is short, as nearly all are, is kept within its entry.
//
//        _oldest               _next            sequence numbers; an entry stands at its number modulo the ring's size
//           ▼                    ▼
//   [ free ][ entry ][ entry ]..[ free ]        _byKey: key ──► sequence number of the newest entry with that key
internal sealed class DuplicateCache(int capacity)
{
    private const int InitialSize = 256;

    private readonly Dictionary<ExchangeKey, long> _byKey = [];
    private Entry[] _ring = new Entry[Math.Min(InitialSize, capacity)];
    private long _oldest;
    private long _next;

    public int Count => (int)(_next - _oldest);

    /// <summary>Whether the request is known. If so, what acknowledged it; null if nothing did.</summary>
    public bool TryFind(ExchangeKey key, long now, out byte[]? acknowledgement)
    {
        acknowledgement = null;
        if (!_byKey.TryGetValue(key, out var sequence))
        {
            return false;
        }

        ref var entry = ref EntryAt(sequence);
        if (entry.ExpiresAt <= now)
        {
            return false;
        }

        acknowledgement = entry.Acknowledgement;
        return true;
    }

    /// <summary>Takes note of a request; returns the number under which <see cref="Remember"/> knows it.</summary>
    public long Add(ExchangeKey key, long expiresAt, long now)
    {
        // What is past its time goes first. A NON behind a CON waits for it here, which only costs room: TryFind asks for its own time.
        while (Count > 0 && (Count >= capacity || EntryAt(_oldest).ExpiresAt <= now))
        {
            ForgetOldest();
        }

        if (Count == _ring.Length)
        {
            Grow();
        }

        EntryAt(_next) = new Entry { Key = key, ExpiresAt = expiresAt };
        _byKey[key] = _next;
        return _next++;
    }

    /// <summary>Keeps what acknowledged the request, unless that was forgotten meanwhile.</summary>
    public void Remember(long sequence, byte[] acknowledgement)
    {
        if (sequence >= _oldest)
        {
            EntryAt(sequence).Acknowledgement = acknowledgement;
        }
    }

    private ref Entry EntryAt(long sequence) => ref _ring[sequence % _ring.Length];

    private void ForgetOldest()
    {
        ref var entry = ref EntryAt(_oldest);
        if (_byKey.TryGetValue(entry.Key, out var newest) && newest == _oldest)
        {
            _byKey.Remove(entry.Key);
        }

        entry = default;
        _oldest++;
    }

    private void Grow()
    {
        var old = _ring;
        _ring = new Entry[Math.Min(old.Length * 2L, capacity)];
        for (var sequence = _oldest; sequence < _next; sequence++)
        {
            EntryAt(sequence) = old[sequence % old.Length];
        }
    }

    private struct Entry
    {
        public ExchangeKey Key;
        public long ExpiresAt;
        private byte[]? _long;
        private ShortBytes _short;
        private byte _shortLength;

        public byte[]? Acknowledgement
        {
            readonly get => _long ?? (_shortLength > 0 ? ((ReadOnlySpan<byte>)_short)[.._shortLength].ToArray() : null);
            set
            {
                _long = value is { Length: > ShortBytes.Length } ? value : null;
                _shortLength = 0;
                if (_long is null && value is not null)
                {
                    value.CopyTo(_short);
                    _shortLength = (byte)value.Length;
                }
            }
        }
    }

    [InlineArray(Length)]
    private struct ShortBytes
    {
        public const int Length = 32;

        private byte _first;
    }
}
