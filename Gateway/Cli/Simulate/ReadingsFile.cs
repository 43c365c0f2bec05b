using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Gateway.Cli;

/// <summary>
/// The readings that a sink writes, taken from the end of its file as they come: lines of the gateway's JSON, from the file sink or from
/// whoever else writes each message on a line. What is not the fleet's is passed over. Of one task.
/// </summary>
internal sealed class ReadingsFile
{
    private const int Piece = 1 << 20;
    private const byte LineEnd = (byte)'\n';

    private readonly string _path;
    private readonly IReadOnlyDictionary<string, DeviceLedger> _ledgers;
    private readonly ArrayBufferWriter<byte> _rest = new(Piece);
    private long _position;

    /// <param name="path">The file; it need not be there yet. What it has now is passed over.</param>
    /// <param name="ledgers">The fleet's devices, by their ids.</param>
    public ReadingsFile(string path, IReadOnlyDictionary<string, DeviceLedger> ledgers)
    {
        (_path, _ledgers) = (path, ledgers);
        _position = File.Exists(path) ? new FileInfo(path).Length : 0;
    }

    /// <summary>How many of the fleet's readings came, by what they turned out to be.</summary>
    public ArrivalCounts Counts { get; } = new();

    /// <summary>Reads what has been written since; gives whether there was something.</summary>
    /// <exception cref="InvalidDataException">The file was put aside or cut off.</exception>
    public bool ReadOn()
    {
        if (!File.Exists(_path))
        {
            return _position == 0 ? false : throw PutAside();
        }

        using var file = File.OpenHandle(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (RandomAccess.GetLength(file) < _position)
        {
            throw PutAside();
        }

        var from = _position;
        int length;
        while ((length = RandomAccess.Read(file, _rest.GetSpan(Piece), _position)) > 0)
        {
            _rest.Advance(length);
            _position += length;
            TakeLines();
        }

        return _position > from;
    }

    private InvalidDataException PutAside() => new(
        $"{_path} was put aside or cut off while the fleet was under way: let the sink write to one file (rotate_megabytes 0, rotate_daily false), or say with --readings which one");

    private void TakeLines()
    {
        var written = _rest.WrittenSpan;
        while (written.IndexOf(LineEnd) is >= 0 and var end)
        {
            TakeLine(written[..end]);
            written = written[(end + 1)..];
        }

        // The half of a line that is still being written.
        var half = written.ToArray();
        _rest.ResetWrittenCount();
        _rest.Write(half);
    }

    private void TakeLine(ReadOnlySpan<byte> line)
    {
        var reading = default(Line);
        try
        {
            var json = new Utf8JsonReader(line);
            if (!json.Read() || json.TokenType is not JsonTokenType.StartObject)
            {
                return;
            }

            while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
            {
                reading.Take(ref json);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            // Others may write to the file too; what is missing for that reason will be found missing.
            Counts.Unreadable++;
            return;
        }

        if (reading.Device is { } device && reading.Index is { } index && _ledgers.TryGetValue(device, out var ledger))
        {
            var arrival = ledger.Arrive(index, reading.Milliseconds, reading.Value, reading.IsError, reading.Request);
            Counts.Add(arrival, () => $"{device} {index} = {reading.Value?.ToString(CultureInfo.InvariantCulture) ?? "nothing"} of {reading.Timestamp}");
        }
    }

    private struct Line
    {
        public string? Device { get; private set; }

        public string? Index { get; private set; }

        public double? Value { get; private set; }

        public string? Timestamp { get; private set; }

        public bool IsError { get; private set; }

        public UInt128 Request { get; private set; }

        public readonly long? Milliseconds => DateTimeOffset.TryParse(Timestamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at.ToUnixTimeMilliseconds()
            : null;

        public void Take(ref Utf8JsonReader json)
        {
            if (json.ValueTextEquals("device_id"u8))
            {
                Device = TextOf(ref json);
            }
            else if (json.ValueTextEquals("index"u8))
            {
                Index = TextOf(ref json);
            }
            else if (json.ValueTextEquals("timestamp"u8))
            {
                Timestamp = TextOf(ref json);
            }
            else if (json.ValueTextEquals("request_id"u8))
            {
                Request = UInt128.TryParse(TextOf(ref json), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id) ? id : 0;
            }
            else if (json.ValueTextEquals("values"u8))
            {
                TakeValues(ref json);
            }
            else if (json.ValueTextEquals("metadata"u8))
            {
                TakeMetadata(ref json);
            }
            else
            {
                json.Skip();
            }
        }

        private static string? TextOf(ref Utf8JsonReader json)
        {
            json.Read();
            return json.GetString();
        }

        // The first value; a text counts as none, for no simulated device measures one.
        private void TakeValues(ref Utf8JsonReader json)
        {
            json.Read();
            while (json.Read() && json.TokenType is not JsonTokenType.EndArray)
            {
                Value ??= json.TokenType switch
                {
                    JsonTokenType.Number => json.GetDouble(),
                    JsonTokenType.True => 1,
                    JsonTokenType.False => 0,
                    _ => null,
                };
                json.Skip();
            }
        }

        private void TakeMetadata(ref Utf8JsonReader json)
        {
            json.Read();
            while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
            {
                var tellsOfError = json.ValueTextEquals("is_error"u8);
                json.Read();
                IsError |= tellsOfError && json.TokenType is JsonTokenType.True;
                json.Skip();
            }
        }
    }
}

/// <summary>What came out of a sink. Written by one task, read by any.</summary>
internal sealed class ArrivalCounts
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _examples = new();
    private readonly long[] _counts = new long[Enum.GetValues<Arrival>().Length];

    /// <summary>Lines that are no JSON.</summary>
    public long Unreadable { get; set; }

    /// <summary>Some of what was not as it was sent.</summary>
    public IReadOnlyCollection<string> Examples => _examples;

    public long this[Arrival arrival] => Interlocked.Read(ref _counts[(int)arrival]);

    public void Add(Arrival arrival, Func<string> what)
    {
        Interlocked.Increment(ref _counts[(int)arrival]);
        if (arrival is Arrival.Wrong or Arrival.Unexpected && _examples.Count < FleetVerdict.Examples)
        {
            _examples.Enqueue($"{(arrival is Arrival.Wrong ? "another value than was sent" : "never measured")}: {what()}");
        }
    }
}
