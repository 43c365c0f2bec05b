using CsCheck;
using Gateway.Coap.Dtls;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>The head of a record: RFC 6347 §4.1, RFC 9146 §4.</summary>
internal sealed class RecordTests
{
    // Two bytes of a fragment, in epoch 1, number 0x020304050607.
    private const string Plain = "17 fefd 0001 020304050607 0002 abcd";
    private const string Named = "19 fefd 0001 020304050607 c0c1c2c3c4c5c6c7 0002 abcd";

    private static readonly Gen<byte[]> Anything = Gen.Frequency((1, Gen.Byte.Array[0, 80]), (3, Gen.Select(Gen.Byte.Array[0, 80], Gen.Int[0, 60], Plausible)));

    [Test]
    public void Its_parts_are_where_the_RFC_draws_them()
    {
        Assert.That(Record.TryRead(Bytes(Plain), 8, out var record), Is.True);

        Assert.That((record.Type, record.Epoch, record.Sequence), Is.EqualTo((RecordType.ApplicationData, (ushort)1, 0x020304050607UL)));
        Assert.That(record.Fragment.ToArray(), Is.EqualTo(Bytes("abcd")));
        Assert.That(record.ConnectionId.Length, Is.Zero);
    }

    [Test]
    public void An_id_stands_before_the_length()
    {
        Assert.That(Record.TryRead(Bytes(Named), 8, out var record), Is.True);

        Assert.That((record.Type, record.Epoch, record.Sequence), Is.EqualTo((RecordType.WithConnectionId, (ushort)1, 0x020304050607UL)));
        Assert.That(record.ConnectionId.ToArray(), Is.EqualTo(Bytes("c0c1c2c3c4c5c6c7")));
        Assert.That(record.Fragment.ToArray(), Is.EqualTo(Bytes("abcd")));
    }

    [Test]
    public void What_stands_behind_it_is_not_its_own()
    {
        Assert.That(Record.TryRead(Bytes(Plain + "ffff"), 8, out var record), Is.True);

        Assert.That(record.Whole.Length, Is.EqualTo(Bytes(Plain).Length));
    }

    [TestCase("", Description = "nothing")]
    [TestCase("17 fefd 0001 020304050607 00", Description = "half a head")]
    [TestCase("17 fefd 0001 020304050607 0003 abcd", Description = "a fragment that is cut off")]
    [TestCase("19 fefd 0001 020304050607 c0c1c2c3c4c5c6", Description = "an id that is cut off")]
    [TestCase("19 fefd 0001 020304050607 c0c1c2c3c4c5c6c7 0003 abcd", Description = "a fragment behind an id that is cut off")]
    [TestCase("13 fefd 0001 020304050607 0002 abcd", Description = "a type below all")]
    [TestCase("18 fefd 0001 020304050607 0002 abcd", Description = "a heartbeat")]
    [TestCase("1a fefd 0001 020304050607 0002 abcd", Description = "a type above all")]
    [TestCase("17 fefc 0001 020304050607 0002 abcd", Description = "DTLS 1.3")]
    [TestCase("17 feff 0001 020304050607 0002 abcd", Description = "DTLS 1.0, protected")]
    [TestCase("17 0303 0001 020304050607 0002 abcd", Description = "TLS")]
    [TestCase("2f fefd 0001 020304050607 0002 abcd", Description = "DTLS 1.3's short head")]
    public void What_is_none_is_not_read(string bytes) => Assert.That(Record.TryRead(Bytes(bytes), 8, out _), Is.False);

    [Test]
    public void What_is_written_reads_as_it_was() => Gen.Select(Gen.Int[20, 23], Gen.ULong, Gen.Byte.Array[8], Gen.Bool, Gen.Byte.Array[0, 300]).Sample(
        (type, numbers, id, isNamed, fragment) =>
        {
            var written = new byte[Record.HeaderSize + 8 + fragment.Length];
            var kind = isNamed ? RecordType.WithConnectionId : (RecordType)type;
            var head = Record.WriteHead(written, kind, numbers, isNamed ? id : [], fragment.Length);
            fragment.CopyTo(written, head);

            Assert.That(Record.TryRead(written, 8, out var record), Is.True);
            Assert.That((record.Type, record.EpochAndSequence, record.ConnectionId.Length), Is.EqualTo((kind, numbers, isNamed ? 8 : 0)));
            Assert.That(record.Fragment.ToArray(), Is.EqualTo(fragment));
            Assert.That(Record.NumbersOf(written), Is.EqualTo((record.Epoch, record.Sequence)));
        },
        iter: 5_000);

    // All bytes belong to one record, in order, until something is none; and what is read lies within what was given.
    [Test]
    public void Any_bytes_are_cut_into_records_or_refused() => Anything.Array[0, 4].Sample(
        parts =>
        {
            ReadOnlySpan<byte> rest = parts.SelectMany(part => part).ToArray();
            while (Record.TryRead(rest, 8, out var record))
            {
                Assert.That(record.Whole.Length, Is.InRange(Record.HeaderSize, rest.Length));
                Assert.That(record.Whole.Length, Is.EqualTo(Record.HeaderSize + record.ConnectionId.Length + record.Fragment.Length));
                Assert.That(record.Sequence, Is.LessThanOrEqualTo(Record.MaxSequence));
                rest = rest[record.Whole.Length..];
            }
        },
        iter: 20_000);

    private static byte[] Plausible(byte[] bytes, int length)
    {
        byte[] head = [(byte)(20 + (length % 7)), 0xfe, (byte)(length % 2 == 0 ? 0xfd : 0xff)];
        head.AsSpan(0, Math.Min(head.Length, bytes.Length)).CopyTo(bytes);
        if (bytes.Length > 12)
        {
            (bytes[11], bytes[12]) = (0, (byte)length);
        }

        return bytes;
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
