using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>
/// The readings of a frame, completed, as lines of JSON: byte for byte what <see cref="ReadingCompletion"/> and <see cref="ReadingJson"/> make
/// of them, each line ended by <c>\n</c>. But the readings of one frame are much alike: what a line has in common with the one before is
/// copied from there, which by far the most of it is.
/// </summary>
//
//   {"device_id":"...","index":"...","values":[  21.5  ],"unit":"...","timestamp":"  2026-...  ","label":[...],"metadata":{...},"request_id":"..."}
//   └ head ────────────────────────────────────┘      └ middle ──────────────────┘          └ tail ──────────────────────────────────────────┘
//
// One for each thread: of what it points to nothing is kept after a frame, of its buffer what frames usually need.
internal sealed class ReadingLines : IBufferWriter<byte>
{
    private const int InitialBytes = 16 << 10;
    private const int LargestKept = 1 << 20;
    private const int LongestNumber = 32;
    private const int DateLength = 10;
    private const int LongestTime = 32;

    // A decimal of up to 15 digits is the only one of that length that is read as its double, so it is the shortest one too.
    private const double Decimals = 1000;
    private const double MostScaled = 1e14;

    private static readonly SearchValues<char> Plain = SearchValues.Create(
        [.. Enumerable.Range(' ', 0x7f - ' ').Select(code => (char)code).Where(character => character is not ('"' or '\\'))]);

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static ReadingLines? _ofThread;

    private readonly byte[] _date = new byte[DateLength];
    private byte[] _buffer = new byte[InitialBytes];
    private int _length;
    private long _day = -1;
    private Parts _before;

    private ReadingLines()
    {
    }

    /// <summary>The lines; null when they would take more bytes than that. Their array is of the shared pool: whoever has done with them may return it.</summary>
    public static ArraySegment<byte>? Write(
        IReadOnlyList<Reading> readings, DeviceConfig config, UplinkRequest request, IReadOnlyList<string> warnings, int maxBytes)
    {
        var lines = _ofThread ??= new ReadingLines();
        lines._length = 0;
        var completion = new ReadingCompletion(config, request, warnings, readings.Count);
        try
        {
            for (var i = 0; i < readings.Count; i++)
            {
                lines.Add(readings[i], completion);
                if (lines._length > maxBytes)
                {
                    return null;
                }
            }

            var rented = ArrayPool<byte>.Shared.Rent(lines._length);
            lines._buffer.AsSpan(0, lines._length).CopyTo(rented);
            return new ArraySegment<byte>(rented, 0, lines._length);
        }
        finally
        {
            lines._before = default;
            if (lines._buffer.Length > LargestKept)
            {
                lines._buffer = new byte[InitialBytes];
            }
        }
    }

    void IBufferWriter<byte>.Advance(int count) => _length += count;

    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint)
    {
        Room(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_length);
    }

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint) => Room(Math.Max(sizeHint, 1));

    private void Add(Reading reading, ReadingCompletion completion)
    {
        var now = new Parts
        {
            DeviceId = completion.DeviceIdOf(reading),
            Index = reading.Index,
            Unit = reading.Unit,
            Label = completion.LabelsOf(reading),
            Metadata = completion.MetadataOf(reading),
            RequestId = completion.RequestIdOf(reading),
        };
        now.Head = _before.HasHeadOf(now) ? Again(_before.Head) : WriteHead(now);
        WriteValues(reading.Values);
        now.Middle = _before.HasMiddleOf(now) ? Again(_before.Middle) : WriteMiddle(now.Unit);
        WriteTime(completion.TimestampOf(reading).UtcTicks);
        now.Tail = _before.HasTailOf(now) ? Again(_before.Tail) : WriteTail(now);
        _before = now;
    }

    private Range WriteHead(in Parts reading)
    {
        var start = _length;
        Raw("{\"device_id\":"u8);
        Text(reading.DeviceId);
        Raw(",\"index\":"u8);
        Text(reading.Index);
        Raw(",\"values\":["u8);
        return start.._length;
    }

    private Range WriteMiddle(string? unit)
    {
        var start = _length;
        Raw("]"u8);
        if (unit is not null)
        {
            Raw(",\"unit\":"u8);
            Text(unit);
        }

        Raw(",\"timestamp\":\""u8);
        return start.._length;
    }

    private Range WriteTail(in Parts reading)
    {
        var start = _length;
        Raw("\",\"label\":["u8);
        for (var i = 0; i < reading.Label.Count; i++)
        {
            Raw(i == 0 ? [] : ","u8);
            Text(reading.Label[i]);
        }

        Raw("],\"metadata\":{"u8);
        WriteMetadata(reading.Metadata);
        Raw("},\"request_id\":"u8);
        Text(reading.RequestId);
        Raw("}\n"u8);
        return start.._length;
    }

    private void WriteMetadata(IReadOnlyDictionary<string, ReadingValue> metadata)
    {
        var isFirst = true;
        if (metadata is Dictionary<string, ReadingValue> plain)
        {
            // Without an enumerator on the heap, which nearly all have.
            foreach (var (key, value) in plain)
            {
                WriteMember(key, value, ref isFirst);
            }

            return;
        }

        foreach (var (key, value) in metadata)
        {
            WriteMember(key, value, ref isFirst);
        }
    }

    private void WriteMember(string key, ReadingValue value, ref bool isFirst)
    {
        Raw(isFirst ? [] : ","u8);
        isFirst = false;
        Text(key);
        Raw(":"u8);
        WriteValue(value);
    }

    private void WriteValues(IReadOnlyList<ReadingValue> values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            Raw(i == 0 ? [] : ","u8);
            WriteValue(values[i]);
        }
    }

    private void WriteValue(ReadingValue value)
    {
        switch (value.Kind)
        {
            case ReadingValueKind.Whole:
                WriteWhole(value.AsInt64());
                break;
            case ReadingValueKind.Real:
                WriteReal(value.AsDouble());
                break;
            case ReadingValueKind.Boolean:
                Raw(value.AsBoolean() ? "true"u8 : "false"u8);
                break;
            default:
                Text(value.ToString());
                break;
        }
    }

    private void WriteWhole(long value)
    {
        value.TryFormat(Room(LongestNumber), out var written, default, CultureInfo.InvariantCulture);
        _length += written;
    }

    // Most sensors measure in tenths to thousandths, and for these the digits need not be searched for.
    private void WriteReal(double value)
    {
        var scaled = Math.Round(value * Decimals);
        if (Math.Abs(scaled) is >= 1 and < MostScaled && scaled / Decimals == value)
        {
            WriteThousandths((long)scaled);
            return;
        }

        value.TryFormat(Room(LongestNumber), out var written, default, CultureInfo.InvariantCulture);
        _length += written;
    }

    private void WriteThousandths(long thousandths)
    {
        var room = Room(LongestNumber);
        var at = 0;
        if (thousandths < 0)
        {
            room[at++] = (byte)'-';
        }

        var (whole, rest) = Math.DivRem(Math.Abs(thousandths), (long)Decimals);
        whole.TryFormat(room[at..], out var written, default, CultureInfo.InvariantCulture);
        at += written;
        if (rest > 0)
        {
            room[at++] = (byte)'.';
            for (var unit = (long)Decimals / 10; rest > 0; unit /= 10)
            {
                room[at++] = (byte)('0' + (rest / unit));
                rest %= unit;
            }
        }

        _length += at;
    }

    // yyyy-MM-ddTHH:mm:ss, then up to seven places of the second without zeros at their end, and Z.
    private void WriteTime(long ticks)
    {
        var (day, rest) = Math.DivRem(ticks, TimeSpan.TicksPerDay);
        if (day != _day)
        {
            new DateTime(day * TimeSpan.TicksPerDay, DateTimeKind.Utc).TryFormat(_date, out _, "yyyy-MM-dd", CultureInfo.InvariantCulture);
            _day = day;
        }

        var room = Room(LongestTime);
        _date.CopyTo(room);
        var (seconds, fraction) = Math.DivRem(rest, TimeSpan.TicksPerSecond);
        var at = DateLength;
        at = TwoDigits(room, at, (byte)'T', (int)(seconds / 3600));
        at = TwoDigits(room, at, (byte)':', (int)(seconds / 60 % 60));
        at = TwoDigits(room, at, (byte)':', (int)(seconds % 60));
        if (fraction > 0)
        {
            room[at++] = (byte)'.';
            for (var unit = TimeSpan.TicksPerSecond / 10; fraction > 0; unit /= 10)
            {
                room[at++] = (byte)('0' + (fraction / unit));
                fraction %= unit;
            }
        }

        room[at++] = (byte)'Z';
        _length += at;
    }

    private static int TwoDigits(Span<byte> room, int at, byte before, int number)
    {
        room[at] = before;
        room[at + 1] = (byte)('0' + (number / 10));
        room[at + 2] = (byte)('0' + (number % 10));
        return at + 3;
    }

    private void Text(string text)
    {
        if (text.AsSpan().ContainsAnyExcept(Plain))
        {
            // What needs escaping, or more than a byte, is for who knows all of it.
            using var json = new Utf8JsonWriter(this, Options);
            json.WriteStringValue(text);
            return;
        }

        var room = Room(text.Length + 2);
        room[0] = (byte)'"';
        Ascii.FromUtf16(text, room[1..], out var written);
        room[written + 1] = (byte)'"';
        _length += written + 2;
    }

    private void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
    }

    private Range Again(Range part)
    {
        var (start, length) = part.GetOffsetAndLength(_length);
        var room = Room(length);
        _buffer.AsSpan(start, length).CopyTo(room);
        _length += length;
        return (_length - length).._length;
    }

    private Span<byte> Room(int bytes)
    {
        if (_buffer.Length - _length < bytes)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes));
        }

        return _buffer.AsSpan(_length);
    }

    // What a line is made of, and where it stands. Compared by reference: what a script shares between readings is the same there.
    private struct Parts
    {
        public string DeviceId;
        public string Index;
        public string? Unit;
        public IReadOnlyList<string> Label;
        public IReadOnlyDictionary<string, ReadingValue> Metadata;
        public string RequestId;
        public Range Head;
        public Range Middle;
        public Range Tail;

        public readonly bool HasHeadOf(in Parts other) => ReferenceEquals(DeviceId, other.DeviceId) && ReferenceEquals(Index, other.Index);

        public readonly bool HasMiddleOf(in Parts other) => DeviceId is not null && ReferenceEquals(Unit, other.Unit);

        public readonly bool HasTailOf(in Parts other) =>
            ReferenceEquals(Label, other.Label) && ReferenceEquals(Metadata, other.Metadata) && ReferenceEquals(RequestId, other.RequestId);
    }
}
