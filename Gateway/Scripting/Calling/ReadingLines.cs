using System.Buffers;
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
internal sealed class ReadingLines
{
    [ThreadStatic]
    private static ReadingLines? _ofThread;

    private readonly JsonBuffer _json = new();
    private Parts _before;

    private ReadingLines()
    {
    }

    /// <summary>The lines; null when they would take more bytes than that. Their array is of the shared pool: whoever has done with them may return it.</summary>
    public static ArraySegment<byte>? Write(
        IReadOnlyList<Reading> readings, DeviceConfig config, UplinkRequest request, IReadOnlyList<string> warnings, int maxBytes)
    {
        var lines = _ofThread ??= new ReadingLines();
        lines._json.Clear();
        var completion = new ReadingCompletion(config, request, warnings, readings.Count);
        try
        {
            for (var i = 0; i < readings.Count; i++)
            {
                lines.Add(readings[i], completion);
                if (lines._json.Length > maxBytes)
                {
                    return null;
                }
            }

            var written = lines._json.Written;
            var rented = ArrayPool<byte>.Shared.Rent(written.Length);
            written.CopyTo(rented);
            return new ArraySegment<byte>(rented, 0, written.Length);
        }
        finally
        {
            lines._before = default;
            lines._json.Clear();
        }
    }

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
        now.Head = _before.HasHeadOf(now) ? _json.Again(_before.Head) : WriteHead(now);
        WriteValues(reading.Values);
        now.Middle = _before.HasMiddleOf(now) ? _json.Again(_before.Middle) : WriteMiddle(now.Unit);
        _json.Time(completion.TimestampOf(reading).UtcTicks);
        now.Tail = _before.HasTailOf(now) ? _json.Again(_before.Tail) : WriteTail(now);
        _before = now;
    }

    private Range WriteHead(in Parts reading)
    {
        var start = _json.Length;
        _json.Raw("{\"device_id\":"u8);
        _json.Text(reading.DeviceId);
        _json.Raw(",\"index\":"u8);
        _json.Text(reading.Index);
        _json.Raw(",\"values\":["u8);
        return start.._json.Length;
    }

    private Range WriteMiddle(string? unit)
    {
        var start = _json.Length;
        _json.Raw("]"u8);
        if (unit is not null)
        {
            _json.Raw(",\"unit\":"u8);
            _json.Text(unit);
        }

        _json.Raw(",\"timestamp\":\""u8);
        return start.._json.Length;
    }

    private Range WriteTail(in Parts reading)
    {
        var start = _json.Length;
        _json.Raw("\",\"label\":["u8);
        for (var i = 0; i < reading.Label.Count; i++)
        {
            _json.Raw(i == 0 ? [] : ","u8);
            _json.Text(reading.Label[i]);
        }

        _json.Raw("],\"metadata\":{"u8);
        WriteMetadata(reading.Metadata);
        _json.Raw("},\"request_id\":"u8);
        _json.Text(reading.RequestId);
        _json.Raw("}\n"u8);
        return start.._json.Length;
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
        _json.Raw(isFirst ? [] : ","u8);
        isFirst = false;
        _json.Text(key);
        _json.Raw(":"u8);
        _json.Value(value);
    }

    private void WriteValues(IReadOnlyList<ReadingValue> values)
    {
        if (values is not ReadingValue[] array)
        {
            array = [.. values];
        }

        for (var i = 0; i < array.Length; i++)
        {
            _json.Raw(i == 0 ? [] : ","u8);
            _json.Value(array[i]);
        }
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
