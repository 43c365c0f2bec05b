using System.Buffers.Binary;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>What may become of datagrams in the hands of somebody on the way.</summary>
internal static class Mutation
{
    // Heads of records and messages, where lengths, numbers and types are.
    private const int HeadSize = 26;

    /// <summary>What is sent instead of the last of the datagrams: often itself.</summary>
    public static IEnumerable<byte[]> Meddle(IReadOnlyList<byte[]> said, Random random) => random.Next(12) switch
    {
        0 => [],
        1 => [said[^1], said[^1]],
        2 => [Of(said[^1], random)],
        3 => [Of(said[^1], random), said[^1]],
        4 => [said[^1], Of(said[random.Next(said.Count)], random)],
        5 => [said[random.Next(said.Count)], said[^1]],
        6 => [[.. said[random.Next(said.Count)], .. said[^1]]],
        _ => [said[^1]],
    };

    /// <summary>A changed copy.</summary>
    public static byte[] Of(byte[] datagram, Random random)
    {
        var changed = datagram.ToArray();
        for (var changes = random.Next(1, 4); changes > 0 && changed.Length > 0; changes--)
        {
            // Heads more often than the rest, since most of what is read is there.
            var at = random.Next(random.Next(2) == 0 ? Math.Min(HeadSize, changed.Length) : changed.Length);
            switch (random.Next(6))
            {
                case 0:
                    changed[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    changed[at] = (byte)random.Next(256);
                    break;
                case 2:
                    changed[at] = random.Next(2) == 0 ? byte.MinValue : byte.MaxValue;
                    break;
                case 3:
                    changed = changed[..at];
                    break;
                case 4:
                    changed = [.. changed[..at], .. changed[random.Next(changed.Length)..]];
                    break;
                default:
                    var inserted = new byte[random.Next(1, 9)];
                    random.NextBytes(inserted);
                    changed = [.. changed[..at], .. inserted, .. changed[at..]];
                    break;
            }
        }

        // The length of a single record fits again, so that what is in it is looked at.
        if (changed.Length > 13 && changed[0] == 22 && random.Next(2) == 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(changed.AsSpan(11), (ushort)(changed.Length - 13));
        }

        return changed;
    }
}
