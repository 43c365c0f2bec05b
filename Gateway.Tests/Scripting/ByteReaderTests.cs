using CsCheck;
using Gateway.Scripting.Contract;

namespace Gateway.Tests.Scripting;

/// <summary>What is written is read again, and what is not there is told with its place.</summary>
internal sealed class ByteReaderTests
{
    private delegate string Read(ref ByteReader reader);

    // Each kind of value: its name, how one made of 64 random bits is written, and how it is read, as a text that can be compared.
    private static readonly (string Name, Func<ByteWriter, long, string> Write, Read Read)[] Kinds =
    [
        Kind("UInt8", (w, n) => w.UInt8((byte)n), n => (byte)n, (ref r) => r.UInt8()),
        Kind("Int8", (w, n) => w.Int8((sbyte)n), n => (sbyte)n, (ref r) => r.Int8()),
        Kind("UInt16", (w, n) => w.UInt16((ushort)n), n => (ushort)n, (ref r) => r.UInt16()),
        Kind("UInt16LittleEndian", (w, n) => w.UInt16LittleEndian((ushort)n), n => (ushort)n, (ref r) => r.UInt16LittleEndian()),
        Kind("Int16", (w, n) => w.Int16((short)n), n => (short)n, (ref r) => r.Int16()),
        Kind("Int16LittleEndian", (w, n) => w.Int16LittleEndian((short)n), n => (short)n, (ref r) => r.Int16LittleEndian()),
        Kind("UInt24", (w, n) => w.UInt24(n & 0xFFFFFF), n => n & 0xFFFFFF, (ref r) => r.UInt24()),
        Kind("UInt24LittleEndian", (w, n) => w.UInt24LittleEndian(n & 0xFFFFFF), n => n & 0xFFFFFF, (ref r) => r.UInt24LittleEndian()),
        Kind("Int24", (w, n) => w.Int24(n >> 40), n => n >> 40, (ref r) => r.Int24()),
        Kind("Int24LittleEndian", (w, n) => w.Int24LittleEndian(n >> 40), n => n >> 40, (ref r) => r.Int24LittleEndian()),
        Kind("UInt32", (w, n) => w.UInt32((uint)n), n => (uint)n, (ref r) => r.UInt32()),
        Kind("UInt32LittleEndian", (w, n) => w.UInt32LittleEndian((uint)n), n => (uint)n, (ref r) => r.UInt32LittleEndian()),
        Kind("Int32", (w, n) => w.Int32((int)n), n => (int)n, (ref r) => r.Int32()),
        Kind("Int32LittleEndian", (w, n) => w.Int32LittleEndian((int)n), n => (int)n, (ref r) => r.Int32LittleEndian()),
        Kind("UInt48", (w, n) => w.UInt48(n & 0xFFFF_FFFF_FFFF), n => n & 0xFFFF_FFFF_FFFF, (ref r) => r.UInt48()),
        Kind("UInt48LittleEndian", (w, n) => w.UInt48LittleEndian(n & 0xFFFF_FFFF_FFFF), n => n & 0xFFFF_FFFF_FFFF, (ref r) => r.UInt48LittleEndian()),
        Kind("Int48", (w, n) => w.Int48(n >> 16), n => n >> 16, (ref r) => r.Int48()),
        Kind("Int48LittleEndian", (w, n) => w.Int48LittleEndian(n >> 16), n => n >> 16, (ref r) => r.Int48LittleEndian()),
        Kind("UInt64", (w, n) => w.UInt64((ulong)n), n => (ulong)n, (ref r) => r.UInt64()),
        Kind("UInt64LittleEndian", (w, n) => w.UInt64LittleEndian((ulong)n), n => (ulong)n, (ref r) => r.UInt64LittleEndian()),
        Kind("Int64", (w, n) => w.Int64(n), n => n, (ref r) => r.Int64()),
        Kind("Int64LittleEndian", (w, n) => w.Int64LittleEndian(n), n => n, (ref r) => r.Int64LittleEndian()),
        Kind("Half", (w, n) => w.Half((Half)(short)n), n => (Half)(short)n, (ref r) => r.Half()),
        Kind("HalfLittleEndian", (w, n) => w.HalfLittleEndian((Half)(short)n), n => (Half)(short)n, (ref r) => r.HalfLittleEndian()),
        Kind("Float", (w, n) => w.Float(n), n => (float)n, (ref r) => r.Float()),
        Kind("FloatLittleEndian", (w, n) => w.FloatLittleEndian(n), n => (float)n, (ref r) => r.FloatLittleEndian()),
        Kind("Double", (w, n) => w.Double(n), n => (double)n, (ref r) => r.Double()),
        Kind("DoubleLittleEndian", (w, n) => w.DoubleLittleEndian(n), n => (double)n, (ref r) => r.DoubleLittleEndian()),
        Kind("VarUInt", (w, n) => w.VarUInt((ulong)n), n => (ulong)n, (ref r) => r.VarUInt()),
        Kind("VarInt", (w, n) => w.VarInt(n), n => n, (ref r) => r.VarInt()),
        Kind("Hex", (w, n) => w.Hex($"{n:x16}"), n => $"{n:x16}", (ref r) => r.Hex(8)),
        Kind("Bcd", (w, n) => w.Bcd((uint)n, 5), n => (uint)n, (ref r) => r.Bcd(5)),
        Kind("Text", (w, n) => w.Text($"{n & 0xFFF:x3}Ä"), n => $"{n & 0xFFF:x3}Ä", (ref r) => r.Text(5)),
        Kind("Ascii", (w, n) => w.Text($"{n:x16}"), n => $"{n:x16}", (ref r) => r.Ascii(16)),
        Kind("Bytes", (w, n) => w.Bytes(BitConverter.GetBytes(n)), n => Convert.ToHexString(BitConverter.GetBytes(n)), (ref r) => Convert.ToHexString(r.Bytes(8))),
    ];

    private static readonly Gen<(int Kind, long Number)[]> Messages =
        Gen.Select(Gen.Int[0, Kinds.Length - 1], Gen.OneOf(Gen.Long, Gen.Long[-300, 300], Gen.OneOfConst(long.MinValue, long.MaxValue, 0, -1))).Array[1, 12];

    [Test]
    public void What_is_written_is_read_again() => Messages.Sample(message =>
    {
        var writer = new ByteWriter();
        var written = message.Select(part => Kinds[part.Kind].Write(writer, part.Number)).ToArray();
        var reader = new ByteReader(writer.ToArray());
        foreach (var (part, expected) in message.Zip(written))
        {
            var read = Kinds[part.Kind].Read(ref reader);
            if (read != expected)
            {
                throw new AssertionException($"{Kinds[part.Kind].Name}: {expected} was read as {read}");
            }
        }

        reader.ExpectEnd();
    });

    [Test]
    public void A_read_past_the_end_names_its_offset_wherever_the_payload_breaks_off() => Messages.Sample(message =>
    {
        var writer = new ByteWriter();
        var starts = new List<int>();
        foreach (var part in message)
        {
            starts.Add(writer.Length);
            Kinds[part.Kind].Write(writer, part.Number);
        }

        var whole = writer.ToArray();
        for (var length = 0; length < whole.Length; length++)
        {
            // Of a number of variable length each byte is read for itself.
            var broken = starts.FindLastIndex(start => start <= length);
            var offset = Kinds[message[broken].Kind].Name.StartsWith("Var", StringComparison.Ordinal) ? length : starts[broken];
            var problem = ProblemOf(message, whole.AsSpan(0, length));
            if (!problem.StartsWith($"offset {offset}: ", StringComparison.Ordinal) || !problem.Contains($", {length - offset} ", StringComparison.Ordinal))
            {
                throw new AssertionException($"at {length} of {whole.Length} bytes, where {offset} was expected: {problem}");
            }
        }
    });

    [TestCase("", "offset 0: 4 bytes are needed for a 32-bit number, 0 are left")]
    [TestCase("000001", "offset 0: 4 bytes are needed for a 32-bit number, 3 are left")]
    [TestCase("00", "offset 0: 4 bytes are needed for a 32-bit number, 1 is left")]
    public void What_is_missing_is_told(string hex, string problem) => Assert.That(Problem(hex, (ref r) => r.UInt32()), Is.EqualTo(problem));

    [Test]
    public void What_is_no_value_is_told_with_its_place()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Problem("00c3", (ref r) => { r.Skip(1); return r.Text(1); }), Is.EqualTo("offset 1: a text is not in UTF-8"));
            Assert.That(Problem("c3a4", (ref r) => r.Ascii(2)), Is.EqualTo("offset 0: a text is not in ASCII"));
            Assert.That(Problem("001a", (ref r) => r.Bcd(2)), Is.EqualTo("offset 1: \"a\" is no decimal digit"));
            Assert.That(Problem("ffffffffffffffffff02", (ref r) => r.VarUInt()), Is.EqualTo("offset 0: a number of variable length has more than 64 bits"));
            Assert.That(Problem("ffffffffffffffffffff01", (ref r) => r.VarUInt()), Is.EqualTo("offset 0: a number of variable length has more than 64 bits"));
            Assert.That(Problem("00", (ref r) => r.Bytes(-1)), Is.EqualTo("offset 0: -1 bytes are needed for bytes, 1 is left"));
            Assert.That(Problem("0000", (ref r) => { r.UInt8(); r.ExpectEnd(); return 0; }), Is.EqualTo("offset 1: the payload should end here, 1 more byte is left"));
            Assert.That(Problem("", (ref r) => r.Peek()), Does.StartWith("offset 0: 1 byte is needed"));
        });
    }

    [Test]
    public void Peeking_does_not_move_on()
    {
        var reader = new ByteReader([7, 8, 9]);
        var seen = (reader.Peek(), reader.UInt8(), reader.Position, reader.Remaining, reader.End);
        var rest = reader.Rest();

        Assert.That(seen, Is.EqualTo(((byte)7, (byte)7, 1, 2, false)));
        Assert.That((Convert.ToHexString(rest), reader.End), Is.EqualTo(("0809", true)));
    }

    [Test]
    public void A_number_that_does_not_fit_is_told_by_the_name_that_it_has_in_the_script()
    {
        var interval = 65_536L;

        Assert.Multiple(() =>
        {
            Assert.That(() => new ByteWriter().UInt16(interval), Throws.TypeOf<CommandException>().With.Message.EqualTo("interval must be a whole number from 0 to 65535, not 65536"));
            Assert.That(() => new ByteWriter().Int24LittleEndian(-8_388_609, "offset"), Throws.TypeOf<CommandException>().With.Message.EqualTo("offset must be a whole number from -8388608 to 8388607, not -8388609"));
            Assert.That(() => new ByteWriter().Bcd(100, 1, "day"), Throws.TypeOf<CommandException>().With.Message.EqualTo("day must be a whole number from 0 to 99, not 100"));
            Assert.That(() => new ByteWriter().Hex("abc", "key"), Throws.TypeOf<CommandException>().With.Message.EqualTo("key must be an even number of hexadecimal digits"));
            Assert.That(() => new ByteWriter().Zeros(65_535).UInt8(0), Throws.TypeOf<CommandException>().With.Message.EqualTo("the command takes more than the 65535 bytes that a message may have"));
        });
    }

    [Test]
    public void Checksums_are_those_of_the_catalogues()
    {
        var text = "123456789"u8;

        Assert.That(
            (Checksum.Crc8(text), Checksum.Crc16Modbus(text), Checksum.Crc16Ccitt(text), Checksum.Crc32(text)),
            Is.EqualTo(((byte)0xF4, (ushort)0x4B37, (ushort)0x29B1, 0xCBF43926u)));
        Assert.That(Convert.ToHexStringLower(Checksum.Sha256("abc"u8)), Is.EqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"), "FIPS 180-4's example");
        Assert.That((Checksum.Crc8([]), Checksum.Crc16Modbus([]), Checksum.Crc16Ccitt([]), Checksum.Crc32([])), Is.EqualTo(((byte)0, (ushort)0xFFFF, (ushort)0xFFFF, 0u)));
    }

    [Test]
    public void A_script_reads_and_writes_with_them()
    {
        var script = Scripts.Compile("""
            IEnumerable<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config)
            {
                var reader = new ByteReader(payload);
                var flags = reader.UInt8();
                var bits = new BitReader(reader.Bytes(1));
                var result = new List<Reading> { new("T", reader.Int16().Scaled(2)), new("OPEN", flags.Bit(7)), new("LEVEL", (long)bits.UInt(4)) };
                reader.ExpectEnd();
                return result;
            }
            byte[]? format_command(Command command, DeviceConfig config) => new ByteWriter().UInt8(1).UInt16(command.GetInteger("interval") ?? 0).ToArray();
            """);

        Assert.Multiple(() =>
        {
            Assert.That(script.Parse(0x80, 0x5F, 0x08, 0x61).Value.Select(reading => reading.Values[0].ToString()), Is.EqualTo(["21.45", "true", "5"]));
            Assert.That(script.Parse(0x80, 0x5F, 0x08).Failure?.ToString(), Does.Contain("InvalidPayload").And.Contain("offset 2: 2 bytes are needed for a 16-bit number, 1 is left"));
            Assert.That(script.FormatCommand(Scripts.Command("set", """{"interval": 60}"""), Scripts.Config, null).Value, Is.EqualTo(new byte[] { 1, 0, 60 }));
            Assert.That(
                script.FormatCommand(Scripts.Command("set", """{"interval": -1}"""), Scripts.Config, null).Failure?.Message,
                Is.EqualTo("command.GetInteger(\"interval\") ?? 0 must be a whole number from 0 to 65535, not -1"));
        });
    }

    private delegate T ReadOf<out T>(ref ByteReader reader);

    private static (string, Func<ByteWriter, long, string>, Read) Kind<TWritten, TRead>(
        string name, Action<ByteWriter, long> write, Func<long, TWritten> written, ReadOf<TRead> read) => (
            name,
            (writer, number) =>
            {
                write(writer, number);
                return $"{written(number)}";
            },
            (ref reader) => $"{read(ref reader)}");

    private static string ProblemOf((int Kind, long Number)[] message, ReadOnlySpan<byte> payload)
    {
        var reader = new ByteReader(payload);
        try
        {
            foreach (var part in message)
            {
                Kinds[part.Kind].Read(ref reader);
            }
        }
        catch (InvalidPayloadException exception)
        {
            return exception.Message;
        }

        return "nothing is wrong";
    }

    private static string Problem<T>(string hex, ReadOf<T> read) => Assert.Throws<InvalidPayloadException>(() =>
    {
        var reader = new ByteReader(Convert.FromHexString(hex));
        read(ref reader);
    })!.Message;
}
