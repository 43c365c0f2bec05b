using System.Text;
using CsCheck;
using Gateway.Journal;

namespace Gateway.Tests.Journal;

internal sealed class JournalCodecTests
{
    private static readonly Gen<string> Text = Gen.OneOf(Gen.String, Gen.String[Gen.Char["aåß漢\uD7FF\uFFFD"], 0, 300], Gen.Const(""))
        .Select(text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)));

    private static readonly Gen<ReadOnlyMemory<byte>> Bytes = Gen.Byte.Array[0, 600].Select(bytes => (ReadOnlyMemory<byte>)bytes);

    private static readonly Gen<JournalRecord> Records =
        from texts in Text.Array[8]
        from optional in Gen.Select(Text.Null(), Text.Null(), Gen.Int.Nullable(), Text.Null())
        from when in Gen.Long[0, DateTime.MaxValue.Ticks]
        from payload in Bytes
        from readings in Bytes
        from outcome in Gen.OneOfConst(Enum.GetValues<FrameOutcome>().Where(outcome => outcome is not FrameOutcome.None).ToArray())
        from confirmable in Gen.Bool
        from count in Gen.Int[0, int.MaxValue]
        select new JournalRecord
        {
            ReceivedAt = new DateTimeOffset(when, TimeSpan.Zero),
            DeviceId = texts[0],
            RequestId = texts[1],
            Profile = texts[2],
            Method = texts[3],
            Path = texts[4],
            Peer = texts[5],
            ScriptRef = texts[6],
            ScriptVersion = texts[7],
            Query = optional.Item1,
            Error = optional.Item2,
            ContentFormat = optional.Item3,
            DtlsDevice = optional.Item4,
            Confirmable = confirmable,
            Payload = payload,
            Readings = readings,
            ReadingCount = count,
            Outcome = outcome,
        };

    [Test]
    public void What_is_written_is_read_again() => Records.Sample(record =>
    {
        var bytes = Encode(record);
        var error = JournalCodec.TryRead(bytes, 42, out var read, out var consumed);

        Assert.That(error, Is.EqualTo(JournalCodecError.None));
        Assert.That(consumed, Is.EqualTo(bytes.Length));
        AssertSame(read!, record with { Sequence = 42 });
    });

    [Test]
    public void What_is_read_into_shared_memory_is_the_same() => Records.Array[1, 5].Sample(records =>
    {
        var memory = new RecordMemory();
        foreach (var round in (int[])[1, 2])
        {
            memory.Reuse();
            var read = records.Select(record => JournalCodec.TryRead(Encode(record), round, out var again, out _, memory) is JournalCodecError.None ? again : null).ToArray();
            for (var i = 0; i < records.Length; i++)
            {
                AssertSame(read[i]!, records[i] with { Sequence = round });
            }
        }
    });

    [Test]
    public void Records_stand_one_behind_the_other() => Records.Array[0, 5].Sample(records =>
    {
        ReadOnlySpan<byte> body = records.SelectMany(Encode).ToArray();
        foreach (var record in records)
        {
            Assert.That(JournalCodec.TryRead(body, 0, out var read, out var consumed), Is.EqualTo(JournalCodecError.None));
            AssertSame(read!, record);
            body = body[consumed..];
        }

        Assert.That(body.Length, Is.Zero);
    });

    [Test]
    public void The_room_that_is_asked_for_is_enough() => Records.Sample(record => Encode(record).Length <= JournalCodec.MaxBytes(record));

    [Test]
    public void Any_bytes_are_read_or_refused_and_never_throw() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        var error = JournalCodec.TryRead(bytes, 1, out var record, out var consumed);
        Assert.That(record is null, Is.EqualTo(error != JournalCodecError.None));
        Assert.That(consumed, Is.InRange(0, bytes.Length));
    });

    [Test]
    public void Any_body_behind_a_good_checksum_is_read_or_refused_and_never_throws() =>
        Gen.Select(Records, Gen.Int[0, int.MaxValue], Gen.Byte).Sample((record, place, value) =>
        {
            var body = Encode(record)[8..];
            body[place % body.Length] = value;
            var error = JournalCodec.TryRead(Frame(body), 1, out var read, out var consumed);

            Assert.That(read is null, Is.EqualTo(error != JournalCodecError.None));
            Assert.That(consumed, Is.EqualTo(body.Length + 8));
        });

    [Test]
    public void A_changed_byte_is_noticed() => Gen.Select(Records, Gen.Int[0, int.MaxValue], Gen.Byte[1, 255]).Sample((record, place, change) =>
    {
        var bytes = Encode(record);
        bytes[place % bytes.Length] ^= change;

        Assert.That(JournalCodec.TryRead(bytes, 1, out _, out _), Is.Not.EqualTo(JournalCodecError.None));
    });

    [Test]
    public void A_record_that_is_cut_off_is_truncated() => Gen.Select(Records, Gen.Double[0, 1]).Sample((record, part) =>
    {
        var bytes = Encode(record);
        var error = JournalCodec.TryRead(bytes.AsSpan(0, (int)(part * (bytes.Length - 1))), 1, out _, out var consumed);

        Assert.That(error, Is.EqualTo(JournalCodecError.Truncated));
        Assert.That(consumed, Is.Zero);
    });

    // What stands on disks out there must stay readable.
    [TestCase("37000000" + "AD9E7BBF" + "01", "037B7D0A", TestName = "Version 1 is read")]
    [TestCase("38000000" + "1ACCDCBF" + "04", "03" + "037B7D0A", TestName = "Version 4 is this")]
    public void A_version_is_this(string begin, string end)
    {
        var record = new JournalRecord
        {
            ReceivedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            DeviceId = "d",
            RequestId = "rq",
            Profile = "p",
            Method = "PUT",
            Path = "/m",
            Peer = "[::1]:5",
            ScriptRef = "s",
            ScriptVersion = "v",
            Query = "a=b",
            Error = "ü",
            ContentFormat = 300,
            Confirmable = true,
            Payload = new byte[] { 0xAA, 0xBB },
            Readings = "{}\n"u8.ToArray(),
            ReadingCount = 1,
            Outcome = FrameOutcome.InvalidPayload,
        };

        var bytes = Convert.FromHexString(begin
            + "01" + "03" + "0F" + "8000B796AB49DE08"
            + "0164" + "027271" + "0170" + "03505554" + "022F6D" + "075B3A3A315D3A35" + "0173" + "0176"
            + "03613D62" + "02C3BC" + "AC02" + "01" + "02AABB" + end);
        Assert.That(JournalCodec.TryRead(bytes, 0, out var read, out _), Is.EqualTo(JournalCodecError.None));
        AssertSame(read!, record);
        if (bytes[8] == UplinkBody.Version)
        {
            Assert.That(Convert.ToHexString(Encode(record)), Is.EqualTo(Convert.ToHexString(bytes)));
        }
    }

    [Test]
    public void A_newer_version_is_told_from_damage()
    {
        var body = Encode(JournalInAFolder.Record("r"))[8..];
        body[0] = UplinkBody.Version + 1;

        Assert.That(JournalCodec.TryRead(Frame(body), 1, out _, out var consumed), Is.EqualTo(JournalCodecError.UnknownVersion));
        Assert.That(consumed, Is.EqualTo(body.Length + 8), "the records behind it can still be found");
    }

    [Test]
    public void Bytes_behind_the_last_field_are_refused() =>
        Assert.That(JournalCodec.TryRead(Frame([.. Encode(JournalInAFolder.Record("r"))[8..], 0]), 1, out _, out _), Is.EqualTo(JournalCodecError.Malformed));

    // RFC 3720 B.4 and the usual check value.
    [TestCase("313233343536373839", 0xE3069283u)]
    [TestCase("0000000000000000000000000000000000000000000000000000000000000000", 0x8A9136AAu)]
    public void The_checksum_is_CRC_32C(string hex, uint expected) =>
        Assert.That(Crc32C.Of(Convert.FromHexString(hex)), Is.EqualTo(expected));

    private static byte[] Encode(JournalRecord record)
    {
        var bytes = new byte[JournalCodec.MaxBytes(record)];
        return bytes[..JournalCodec.Write(record, bytes)];
    }

    private static byte[] Frame(byte[] body) => [.. BitConverter.GetBytes(body.Length), .. BitConverter.GetBytes(Crc32C.Of(body)), .. body];

    private static void AssertSame(JournalRecord read, JournalRecord written)
    {
        Assert.That(read.Payload.Span.SequenceEqual(written.Payload.Span), "payload");
        Assert.That(read.Readings.Span.SequenceEqual(written.Readings.Span), "readings");
        Assert.That(read with { Payload = default, Readings = default }, Is.EqualTo(written with { Payload = default, Readings = default }));
    }
}
