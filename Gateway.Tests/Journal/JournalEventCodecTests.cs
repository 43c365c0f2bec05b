using System.Text;
using CsCheck;
using Gateway.Journal;

namespace Gateway.Tests.Journal;

/// <summary>Records that are no frames, marks of records that are gone, and the way through a group.</summary>
internal sealed class JournalEventCodecTests
{
    private static readonly Gen<string> Text = Gen.OneOf(Gen.String[0, 40], Gen.String[Gen.Char["aåß漢\uD7FF\uFFFD"], 0, 300])
        .Select(text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)));

    private static readonly Gen<ReadOnlyMemory<byte>> Bytes = Gen.Byte.Array[0, 600].Select(bytes => (ReadOnlyMemory<byte>)bytes);

    private static readonly Gen<JournalRecord> Headers =
        from texts in Text.Array[3]
        from error in Text.Null()
        from ticks in Gen.Long[0, DateTime.MaxValue.Ticks]
        select new JournalRecord
        {
            ReceivedAt = new DateTimeOffset(ticks, TimeSpan.Zero),
            DeviceId = texts[0],
            RequestId = texts[1],
            Profile = texts[2],
            Error = error,
        };

    private static readonly Gen<JournalRecord> Rereads =
        from header in Headers
        from about in Gen.Long[0, long.MaxValue]
        from numbers in Gen.Int[1, int.MaxValue].Array[2]
        from outcome in Gen.OneOfConst(Enum.GetValues<FrameOutcome>().Where(outcome => outcome is not FrameOutcome.None).ToArray())
        from script in Text.Array[2]
        from readings in Bytes
        select header with
        {
            Kind = JournalRecordKind.Reread,
            About = about,
            Revision = numbers[0],
            ReadingCount = numbers[1],
            Outcome = outcome,
            ScriptRef = script[0],
            ScriptVersion = script[1],
            Readings = readings,
        };

    private static readonly Gen<JournalRecord> Commands =
        from header in Headers
        from states in Gen.OneOfConst(Enum.GetValues<CommandStepState>()).Array[2]
        from attempt in Gen.Int[0, int.MaxValue]
        from texts in Text.Array[2]
        from body in Bytes
        from message in Bytes
        select header with
        {
            Kind = JournalRecordKind.Command,
            Command = new CommandStep { State = states[0], From = states[1], Attempt = attempt, CommandId = texts[0], CommandType = texts[1], Body = body, Message = message },
        };

    private static readonly Gen<JournalRecord> Failures =
        from header in Headers
        from about in Gen.Long[0, long.MaxValue]
        from source in Text
        from payload in Bytes
        select header with { Kind = JournalRecordKind.Failure, About = about, Source = source, Payload = payload };

    private static readonly Gen<JournalRecord> Events = Gen.OneOf(Rereads, Commands, Failures);

    [Test]
    public void What_is_written_is_read_again() => Events.Sample(record =>
    {
        var bytes = Encode(record);
        var error = JournalCodec.TryRead(bytes, 42, out var read, out var consumed);

        Assert.That(error, Is.EqualTo(JournalCodecError.None));
        Assert.That(consumed, Is.EqualTo(bytes.Length));
        AssertSame(read!, record with { Sequence = 42 });
    });

    [Test]
    public void The_room_that_is_asked_for_is_enough() => Events.Sample(record => Encode(record).Length <= JournalCodec.MaxBytes(record));

    [Test]
    public void Any_body_behind_a_good_checksum_is_read_or_refused_and_never_throws() =>
        Gen.Select(Events, Gen.Int[0, int.MaxValue], Gen.Byte).Sample((record, place, value) =>
        {
            var body = Encode(record)[8..];
            body[place % body.Length] = value;
            var error = JournalCodec.TryRead(Framed(body), 1, out var read, out var consumed);

            Assert.That(read is null, Is.EqualTo(error != JournalCodecError.None));
            Assert.That(consumed, Is.EqualTo(body.Length + 8));
            if (read is not null)
            {
                AssertSame(Decode(Encode(read)), read with { Sequence = 0 });
            }
        });

    [Test]
    public void Any_body_at_all_is_read_or_refused_and_never_throws() =>
        Gen.Select(Gen.Byte[0, 3], Gen.Byte[0, 5], Gen.Byte.Array[0, 200]).Sample((version, kind, rest) =>
        {
            byte[] bytes = Framed([version, kind, .. rest]);
            var error = JournalCodec.TryRead(bytes, 1, out var read, out _);

            Assert.That(read is null, Is.EqualTo(error != JournalCodecError.None));
            Assert.That(JournalCodec.ReadRemoved(bytes) == 0 || read is null, "a mark is no record");
        });

    [Test]
    public void A_changed_byte_is_noticed() => Gen.Select(Events, Gen.Int[0, int.MaxValue], Gen.Byte[1, 255]).Sample((record, place, change) =>
    {
        var bytes = Encode(record);
        bytes[place % bytes.Length] ^= change;

        Assert.That(JournalCodec.TryRead(bytes, 1, out _, out _), Is.Not.EqualTo(JournalCodecError.None));
    });

    [Test]
    public void A_mark_says_how_many_are_gone() => Gen.UInt[1, uint.MaxValue].Sample(count =>
    {
        var mark = new byte[JournalCodec.MaxRemovedBytes];
        mark = mark[..JournalCodec.WriteRemoved(count, mark)];

        Assert.That(JournalCodec.ReadRemoved(mark), Is.EqualTo(count));
        Assert.That(JournalCodec.TryRead(mark, 1, out _, out _), Is.EqualTo(JournalCodecError.Malformed));
        mark[^1] ^= 1;
        Assert.That(JournalCodec.ReadRemoved(mark), Is.Zero, "zeros or noise are no mark");
    });

    [Test]
    public void The_way_through_a_group_ends_where_the_group_does() => Gen.Select(Gen.Byte.Array[0, 300], Gen.Int[0, 50]).Sample((noise, count) =>
    {
        var sequences = 0L;
        var walk = new GroupWalk(noise, 7, count);
        while (walk.MoveNext())
        {
            Assert.That(walk.Sequence, Is.EqualTo(7 + sequences));
            sequences += walk.Count;
        }

        Assert.That(sequences, Is.EqualTo(count));
    });

    // What stands on disks out there must stay readable.
    [TestCase(JournalRecordKind.Reread, "1F000000" + "B6FDB1CE" + "03" + "02" + "01" + "8000B796AB49DE08" + "0164" + "00" + "0170" + "0165" + "AC02" + "01" + "04" + "0173" + "0176" + "01" + "037B7D0A")]
    [TestCase(JournalRecordKind.Command, "1E000000" + "69B615F8" + "03" + "03" + "01" + "8000B796AB49DE08" + "0164" + "00" + "0170" + "0165" + "02" + "01" + "02" + "0163" + "0174" + "01AA" + "02CCDD")]
    [TestCase(JournalRecordKind.Failure, "1C000000" + "9DA6BAD0" + "03" + "04" + "01" + "8000B796AB49DE08" + "0164" + "00" + "0170" + "0165" + "01" + "0673696E6B2F78" + "01BB")]
    public void Version_3_is_this(JournalRecordKind kind, string expected) =>
        Assert.That(Convert.ToHexString(Encode(OneOf(kind))), Is.EqualTo(expected));

    [TestCase(JournalRecordKind.Reread, "1F000000" + "3B9D16B6" + "02" + "02" + "01" + "8000B796AB49DE08" + "0164" + "00" + "0170" + "0165" + "AC02" + "01" + "04" + "0173" + "0176" + "01" + "037B7D0A")]
    [TestCase(JournalRecordKind.Command, "1B000000" + "FDF70B53" + "02" + "03" + "01" + "8000B796AB49DE08" + "0164" + "00" + "0170" + "0165" + "02" + "01" + "02" + "0163" + "0174" + "01AA")]
    [TestCase(JournalRecordKind.Failure, "1C000000" + "A92DAF72" + "02" + "04" + "01" + "8000B796AB49DE08" + "0164" + "00" + "0170" + "0165" + "01" + "0673696E6B2F78" + "01BB")]
    public void Version_2_was_this_and_knew_nothing_of_messages(JournalRecordKind kind, string bytes)
    {
        var record = OneOf(kind);
        record = record with { Command = record.Command is null ? null : record.Command with { Message = default } };

        Assert.That(JournalCodec.TryRead(Convert.FromHexString(bytes), 0, out var read, out _), Is.EqualTo(JournalCodecError.None));
        Assert.That(Convert.ToHexString(Encode(read!)), Is.EqualTo(Convert.ToHexString(Encode(record))));
    }

    private static JournalRecord OneOf(JournalRecordKind kind)
    {
        var header = new JournalRecord
        {
            ReceivedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            Kind = kind,
            DeviceId = "d",
            RequestId = "",
            Profile = "p",
            Error = "e",
        };
        return kind switch
        {
            JournalRecordKind.Reread => header with
            {
                About = 300,
                Revision = 1,
                Outcome = FrameOutcome.ScriptFailed,
                ScriptRef = "s",
                ScriptVersion = "v",
                ReadingCount = 1,
                Readings = "{}\n"u8.ToArray(),
            },
            JournalRecordKind.Command => header with
            {
                Command = new CommandStep { CommandId = "c", CommandType = "t", State = CommandStepState.Sent, From = CommandStepState.Queued, Attempt = 2, Body = new byte[] { 0xAA }, Message = new byte[] { 0xCC, 0xDD } },
            },
            _ => header with { About = 1, Source = "sink/x", Payload = new byte[] { 0xBB } },
        };
    }

    [Test]
    public async Task Records_that_belong_together_stand_one_behind_the_other()
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();
        var first = await folder.AppendAsync(JournalInAFolder.Record("r"), JournalInAFolder.Step("c", CommandStepState.Sent));
        await folder.AppendAsync(JournalInAFolder.Failure("sink/x", "no"));

        Assert.That(first, Is.EqualTo(1));
        Assert.That(folder.Ask("SELECT count FROM groups WHERE first_sequence = 1"), Is.EqualTo(2), "in one group, so that both are there or none is");
        Assert.That(
            journal.Read(0, 10).Select(record => (record.Sequence, record.Kind)),
            Is.EqualTo(new[] { (1L, JournalRecordKind.Uplink), (2L, JournalRecordKind.Command), (3L, JournalRecordKind.Failure) }));
    }

    private static readonly TestCaseData[] Impossible =
    [
        new TestCaseData(JournalInAFolder.Record("r") with { Outcome = FrameOutcome.None }).SetArgDisplayNames("a frame without an outcome"),
        new TestCaseData(JournalInAFolder.Record("r") with { Kind = JournalRecordKind.Reread }).SetArgDisplayNames("a second reading that is the first"),
        new TestCaseData(JournalInAFolder.Record("r") with { Kind = JournalRecordKind.Command }).SetArgDisplayNames("a command without its step"),
        new TestCaseData(JournalInAFolder.Record("r") with { Kind = (JournalRecordKind)9 }).SetArgDisplayNames("an unknown kind"),
        new TestCaseData(JournalInAFolder.Failure("s", "e") with { About = -1 }).SetArgDisplayNames("a negative number"),
    ];

    [TestCaseSource(nameof(Impossible))]
    public async Task A_record_that_could_not_be_read_again_is_not_taken(object record)
    {
        await using var folder = new JournalInAFolder();
        var journal = await folder.OpenAsync();

        Assert.That(async () => await journal.AppendAsync((JournalRecord)record, CancellationToken.None), Throws.ArgumentException);
        Assert.That(await folder.AppendAsync("next"), Is.EqualTo(1), "and costs no others anything");
    }

    private static byte[] Encode(JournalRecord record)
    {
        var bytes = new byte[JournalCodec.MaxBytes(record)];
        return bytes[..JournalCodec.Write(record, bytes)];
    }

    private static JournalRecord Decode(byte[] bytes)
    {
        Assert.That(JournalCodec.TryRead(bytes, 0, out var record, out _), Is.EqualTo(JournalCodecError.None));
        return record!;
    }

    private static byte[] Framed(byte[] body) => [.. BitConverter.GetBytes(body.Length), .. BitConverter.GetBytes(Crc32C.Of(body)), .. body];

    private static void AssertSame(JournalRecord read, JournalRecord written)
    {
        Assert.That(read.Payload.Span.SequenceEqual(written.Payload.Span), "payload");
        Assert.That(read.Readings.Span.SequenceEqual(written.Readings.Span), "readings");
        Assert.That((read.Command?.Body ?? default).Span.SequenceEqual((written.Command?.Body ?? default).Span), "body");
        Assert.That((read.Command?.Message ?? default).Span.SequenceEqual((written.Command?.Message ?? default).Span), "message");
        Assert.That(Plain(read), Is.EqualTo(Plain(written)));

        static JournalRecord Plain(JournalRecord record) =>
            record with { Payload = default, Readings = default, Command = record.Command is null ? null : record.Command with { Body = default, Message = default } };
    }
}
