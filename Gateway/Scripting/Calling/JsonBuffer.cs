using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>
/// JSON as it is written by hand, in one buffer that grows: texts, numbers and times, to the byte what <see cref="Utf8JsonWriter"/> makes of them
/// with relaxed escaping; and parts of what stands there already, once more. Of one thread.
/// </summary>
internal sealed class JsonBuffer : IBufferWriter<byte>
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

    private readonly byte[] _date = new byte[DateLength];
    private byte[] _buffer = new byte[InitialBytes];
    private long _day = -1;

    /// <summary>How many bytes stand there.</summary>
    public int Length { get; private set; }

    /// <summary>They.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>Begins anew. A buffer that has grown beyond what frames usually need is given up.</summary>
    public void Clear()
    {
        Length = 0;
        if (_buffer.Length > LargestKept)
        {
            _buffer = new byte[InitialBytes];
        }
    }

    void IBufferWriter<byte>.Advance(int count) => Length += count;

    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint)
    {
        Room(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(Length);
    }

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint) => Room(Math.Max(sizeHint, 1));

    /// <summary>A value.</summary>
    public void Value(ReadingValue value)
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

    /// <summary>An instant of UTC in ticks: yyyy-MM-ddTHH:mm:ss, then up to seven places of the second without zeros at their end, and Z.</summary>
    public void Time(long ticks)
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
        Length += at;
    }

    /// <summary>A text in quotes.</summary>
    public void Text(string text)
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
        Length += written + 2;
    }

    /// <summary>Bytes as they are.</summary>
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>What stands at a place, once more. Returns where it stands now.</summary>
    public Range Again(Range part)
    {
        var (start, length) = part.GetOffsetAndLength(Length);
        var room = Room(length);
        _buffer.AsSpan(start, length).CopyTo(room);
        Length += length;
        return (Length - length)..Length;
    }

    private void WriteWhole(long value)
    {
        value.TryFormat(Room(LongestNumber), out var written, default, CultureInfo.InvariantCulture);
        Length += written;
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
        Length += written;
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
            var digits = (uint)rest;
            room[at++] = (byte)'.';
            room[at++] = (byte)('0' + (digits / 100));
            if (digits % 100 > 0)
            {
                room[at++] = (byte)('0' + (digits / 10 % 10));
            }

            if (digits % 10 > 0)
            {
                room[at++] = (byte)('0' + (digits % 10));
            }
        }

        Length += at;
    }

    private static int TwoDigits(Span<byte> room, int at, byte before, int number)
    {
        room[at] = before;
        room[at + 1] = (byte)('0' + (number / 10));
        room[at + 2] = (byte)('0' + (number % 10));
        return at + 3;
    }

    private Span<byte> Room(int bytes)
    {
        if (_buffer.Length - Length < bytes)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + bytes));
        }

        return _buffer.AsSpan(Length);
    }
}
