namespace Gateway.Tests.Families;

/// <summary>Makes payloads that no device would send out of some that devices did. The same chance makes the same ones again.</summary>
internal sealed class PayloadMutator(IReadOnlyList<byte[]> payloads, Random random)
{
    private const int MaxSize = 2_000;
    private const int MaxChanges = 4;

    // Ends of ranges, the brackets and digits of JSON, and heads of CBOR that announce more than there is.
    private static readonly byte[] Interesting = [0x00, 0x01, 0x7F, 0x80, 0xFF, (byte)'[', (byte)'{', (byte)'"', (byte)'9', (byte)'-', 0x1B, 0x3B, 0x5B, 0x7B, 0x9B, 0x9F, 0xBB, 0xBF, 0xC4, 0xFB];

    /// <summary>The next payload that was made out of this one.</summary>
    public byte[] Next(byte[] payload)
    {
        var bytes = new List<byte>(payload);
        for (var changes = random.Next(1, MaxChanges + 1); changes > 0; changes--)
        {
            Change(bytes);
        }

        return [.. bytes.Take(MaxSize)];
    }

    private void Change(List<byte> bytes)
    {
        if (bytes.Count == 0)
        {
            bytes.Add((byte)random.Next(256));
            return;
        }

        var at = random.Next(bytes.Count);
        switch (random.Next(8))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = Interesting[random.Next(Interesting.Length)];
                break;
            case 2:
                bytes[at] = (byte)random.Next(256);
                break;
            case 3:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 4:
                bytes.RemoveAt(at);
                break;
            case 5:
                bytes.Insert(at, Interesting[random.Next(Interesting.Length)]);
                break;
            case 6:
                // The beginning of one and the end of another.
                var other = payloads[random.Next(payloads.Count)];
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other[random.Next(other.Length + 1)..]);
                break;
            default:
                var piece = bytes.GetRange(at, random.Next(1, bytes.Count - at + 1));
                for (var times = random.Next(1, 9); times > 0 && bytes.Count < MaxSize; times--)
                {
                    bytes.InsertRange(at, piece);
                }

                break;
        }
    }
}
