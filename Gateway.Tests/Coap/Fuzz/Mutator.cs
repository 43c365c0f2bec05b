using Gateway.Coap;

namespace Gateway.Tests.Coap.Fuzz;

/// <summary>Makes a datagram that nobody would send out of one or two that somebody did. The same chance makes the same ones again.</summary>
internal sealed class Mutator(IReadOnlyList<Seed> seeds, Random random)
{
    private const int MaxSize = 2_000;
    private const int HeaderSize = 4;
    private const int MaxChanges = 4;

    // Ends of ranges, the nibbles that announce more bytes (13 and 14), the one that is reserved (15), and the payload marker.
    private static readonly byte[] Interesting =
        [0x00, 0x01, 0x0d, 0x0e, 0x0f, 0x10, 0x7f, 0x80, 0xb0, 0xd0, 0xd1, 0xdd, 0xe0, 0xe1, 0xee, 0xf0, 0xfe, OptionReader.PayloadMarker];

    private static readonly byte[] Nibbles = [12, 13, 14, 15];

    /// <summary>The next datagram, and the seed that it began as.</summary>
    public (Seed Seed, byte[] Datagram) Next()
    {
        var seed = Pick();
        var bytes = new List<byte>(seed.Datagram);
        for (var changes = random.Next(MaxChanges + 1); changes > 0; changes--)
        {
            Change(bytes);
        }

        if (bytes.Count >= HeaderSize && random.Next(2) == 0)
        {
            // Otherwise most would be duplicates of one another, and never get past the message layer.
            (bytes[2], bytes[3]) = (AnyByte(), AnyByte());
        }

        return (seed, [.. bytes.Take(MaxSize)]);
    }

    private void Change(List<byte> bytes)
    {
        switch (random.Next(10))
        {
            case 0 when bytes.Count > 0:
                bytes[Within(bytes)] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when bytes.Count > 0:
                bytes[Within(bytes)] = AnyInteresting();
                break;
            case 2 when bytes.Count > 0:
                Truncate(bytes);
                break;
            case 3:
                Splice(bytes);
                break;
            case 4:
                bytes.Insert(random.Next(bytes.Count + 1), AnyInteresting());
                break;
            case 5 when bytes.Count > HeaderSize:
                SetNibble(bytes, random.Next(HeaderSize, bytes.Count));
                break;
            case 6 when bytes.Count > 0:
                SetTokenLength(bytes);
                break;
            case 7 when bytes.Count > 1:
                bytes[1] = AnyByte();
                break;
            case 8 when bytes.Count > 0:
                Repeat(bytes);
                break;
            case 9 when bytes.Count > 0:
                bytes.RemoveAt(Within(bytes));
                break;
        }
    }

    private void Truncate(List<byte> bytes)
    {
        var length = random.Next(bytes.Count);
        bytes.RemoveRange(length, bytes.Count - length);
    }

    // The beginning of one and the end of another.
    private void Splice(List<byte> bytes)
    {
        Truncate(bytes.Count > 0 ? bytes : [0]);
        var other = Pick().Datagram;
        bytes.AddRange(other[random.Next(other.Length + 1)..]);
    }

    // Anywhere may be the head of an option: its delta or its length then announces bytes that are something else.
    private void SetNibble(List<byte> bytes, int at)
    {
        var nibble = Nibbles[random.Next(Nibbles.Length)];
        bytes[at] = random.Next(2) == 0 ? (byte)((bytes[at] & 0x0f) | (nibble << 4)) : (byte)((bytes[at] & 0xf0) | nibble);
    }

    private void SetTokenLength(List<byte> bytes) => bytes[0] = (byte)((bytes[0] & 0xf0) | random.Next(16));

    private void Repeat(List<byte> bytes)
    {
        var start = Within(bytes);
        var piece = bytes.GetRange(start, random.Next(1, bytes.Count - start + 1));
        for (var times = random.Next(1, 5); times > 0 && bytes.Count < MaxSize; times--)
        {
            bytes.InsertRange(start, piece);
        }
    }

    private Seed Pick() => seeds[random.Next(seeds.Count)];

    private int Within(List<byte> bytes) => random.Next(bytes.Count);

    private byte AnyByte() => (byte)random.Next(256);

    private byte AnyInteresting() => random.Next(2) == 0 ? Interesting[random.Next(Interesting.Length)] : AnyByte();
}
