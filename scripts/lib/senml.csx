// SenML (RFC 8428), as scripts share it: a pack in JSON or CBOR becomes a list of records, and those are resolved into measurements.
#load "range.csx"
using System.Formats.Cbor;

// A record as it stands in the pack: its fields by the labels of JSON. Data (vd) is a text of hexadecimal digits.
sealed class SenmlRecord : Dictionary<string, ReadingValue>
{
    public ReadingValue? Find(string label) => TryGetValue(label, out var value) ? value : (ReadingValue?)null;
}

// A record with everything that the records before it say for all that follow.
sealed record Measurement(string Name, ReadingValue? Value, ReadingValue? Sum, string? Unit, DateTimeOffset Time, ReadingValue? UpdateTime);

// IANA "CoAP Content-Formats": SenML and SensML in JSON, and in CBOR.
const int SenmlJson = 110, SensmlJson = 111, SenmlCbor = 112, SensmlCbor = 113;

// RFC 8428 table 6: what stands in CBOR for a label.
static readonly Dictionary<string, int> CborKeys = new()
{
    ["bver"] = -1, ["bn"] = -2, ["bt"] = -3, ["bu"] = -4, ["bv"] = -5, ["bs"] = -6,
    ["n"] = 0, ["u"] = 1, ["v"] = 2, ["vs"] = 3, ["vb"] = 4, ["s"] = 5, ["t"] = 6, ["ut"] = 7, ["vd"] = 8,
};

static readonly Dictionary<int, string> CborLabels = CborKeys.ToDictionary(pair => pair.Value, pair => pair.Key);

// ------------------------------------------------------------------------------------------------------ bytes to records

// The Content-Format says what the bytes are; without one, their beginning does: a list in JSON begins with a bracket.
static bool IsCbor(ReadOnlySpan<byte> payload, int? contentFormat) => contentFormat switch
{
    SenmlJson or SensmlJson => false,
    SenmlCbor or SensmlCbor => true,
    _ => payload.TrimStart(" \t\r\n"u8) is not [(byte)'[', ..],
};

static List<SenmlRecord> RecordsIn(ReadOnlyMemory<byte> payload, int? contentFormat)
{
    try
    {
        var records = IsCbor(payload.Span, contentFormat) ? CborRecords(new CborReader(payload)) : JsonRecords(JsonElement.Parse(payload.Span, NoDuplicates));
        return records.Count > 0 ? records : throw new InvalidPayloadException("the pack has no record");
    }
    catch (Exception error) when (error is JsonException or CborContentException or InvalidOperationException or FormatException or OverflowException)
    {
        throw new InvalidPayloadException($"this is no SenML: {error.Message}", error);
    }
}

static readonly JsonDocumentOptions NoDuplicates = new() { AllowDuplicateProperties = false };

static List<SenmlRecord> JsonRecords(JsonElement pack)
{
    var records = new List<SenmlRecord>();
    foreach (var element in pack.EnumerateArray())
    {
        var record = new SenmlRecord();
        foreach (var field in element.EnumerateObject())
        {
            if (CborKeys.ContainsKey(field.Name))
            {
                record[field.Name] = JsonValue(field.Name, field.Value);
            }
            else
            {
                PassOver(field.Name);
            }
        }

        records.Add(record);
    }

    return records;
}

static ReadingValue JsonValue(string label, JsonElement value) => label switch
{
    "bn" or "bu" or "n" or "u" or "vs" => value.GetString() ?? throw new InvalidPayloadException($"{label} is null"),
    "vb" => value.GetBoolean(),
    "vd" => Convert.ToHexStringLower(System.Buffers.Text.Base64Url.DecodeFromChars(value.GetString())),
    _ => value.TryGetInt64(out var whole) ? (ReadingValue)whole : Finite(value.GetDouble()),
};

static List<SenmlRecord> CborRecords(CborReader reader)
{
    var records = new List<SenmlRecord>();
    reader.ReadStartArray();
    while (reader.PeekState() != CborReaderState.EndArray)
    {
        var record = new SenmlRecord();
        reader.ReadStartMap();
        while (reader.PeekState() != CborReaderState.EndMap)
        {
            if (CborLabel(reader) is { } label)
            {
                record[label] = CborValue(label, reader);
            }
            else
            {
                reader.SkipValue();
            }
        }

        reader.ReadEndMap();
        records.Add(record);
    }

    reader.ReadEndArray();
    return reader.BytesRemaining == 0 ? records : throw new InvalidPayloadException($"there are {reader.BytesRemaining} bytes behind the pack");
}

// The label that a key stands for; null for one that is passed over.
static string? CborLabel(CborReader reader)
{
    if (reader.PeekState() is not CborReaderState.TextString and not CborReaderState.StartIndefiniteLengthTextString)
    {
        return CborLabels.GetValueOrDefault(reader.ReadInt32());
    }

    PassOver(reader.ReadTextString());
    return null;
}

static ReadingValue CborValue(string label, CborReader reader) => label switch
{
    "bn" or "bu" or "n" or "u" or "vs" => reader.ReadTextString(),
    "vb" => reader.ReadBoolean(),
    "vd" => Convert.ToHexStringLower(reader.ReadByteString()),
    _ => CborNumber(reader),
};

// Whole numbers stay whole. Tag 4 is a decimal fraction: [-2, 27115] for 271.15.
static ReadingValue CborNumber(CborReader reader) => reader.PeekState() switch
{
    CborReaderState.NegativeInteger => reader.ReadInt64(),
    CborReaderState.UnsignedInteger => Whole(reader.ReadUInt64()),
    CborReaderState.Tag => (double)reader.ReadDecimal(),
    _ => Finite(reader.ReadDouble()),
};

static ReadingValue Whole(ulong number) => number <= long.MaxValue ? (ReadingValue)(long)number : (double)number;

static double Finite(double number) => double.IsFinite(number) ? number : throw new InvalidPayloadException("a number is not finite");

// RFC 8428 4.4: what is not known is passed over, unless its label says that it must be understood.
static void PassOver(string label)
{
    if (label.EndsWith('_'))
    {
        throw new InvalidPayloadException($"\"{label}\" must be understood (RFC 8428 4.4), and this script does not know it");
    }
}

// ----------------------------------------------------------------------------------------------- records to measurements

// RFC 8428 4.6. Base fields hold for their own record and for all that follow, until another record replaces them.
static List<Measurement> Resolve(IEnumerable<SenmlRecord> records, DateTimeOffset now)
{
    var measurements = new List<Measurement>();
    var @base = new SenmlRecord();
    foreach (var record in records)
    {
        foreach (var (label, value) in record)
        {
            if (label.StartsWith('b'))
            {
                @base[label] = value;
            }
        }

        if (@base.Find("bver") is { } version && version.AsDouble() > 10)
        {
            throw new InvalidPayloadException($"the pack is of version {version}, and RFC 8428 of version 10");
        }

        if (record.Keys.Any(label => !label.StartsWith('b')))
        {
            measurements.Add(Resolved(record, @base, now));
        }
    }

    return measurements.Count > 0 ? measurements : throw new InvalidPayloadException("the pack measures nothing");
}

static Measurement Resolved(SenmlRecord record, SenmlRecord @base, DateTimeOffset now)
{
    var name = NameOf($"{@base.Find("bn")}{record.Find("n")}");
    ReadingValue[] values = [.. new[] { "vs", "vb", "vd" }.Select(record.Find).OfType<ReadingValue>()];
    var sum = Sum(@base.Find("bs"), record.Find("s"));
    var number = values.Length == 0 && (record.ContainsKey("v") || !record.ContainsKey("s")) ? Sum(@base.Find("bv"), record.Find("v")) : record.Find("v");
    if (values.Length + (number is null ? 0 : 1) is var count && (count > 1 || (count == 0 && sum is null)))
    {
        throw new InvalidPayloadException($"{name} has {(count > 1 ? "more than one value" : "no value")}");
    }

    return new Measurement(
        name, number ?? (values.Length == 0 ? (ReadingValue?)null : values[0]), sum, (record.Find("u") ?? @base.Find("bu"))?.ToString(),
        TimeOf(Sum(@base.Find("bt"), record.Find("t"))?.AsDouble() ?? 0, now), record.Find("ut"));
}

// Missing is zero, as long as the other is there. Whole numbers stay whole while they fit.
static ReadingValue? Sum(ReadingValue? @base, ReadingValue? own)
{
    if (@base is not { } one || own is not { } other)
    {
        return @base ?? own;
    }

    return one.Kind == ReadingValueKind.Whole && other.Kind == ReadingValueKind.Whole && (Int128)one.AsInt64() + other.AsInt64() is var sum && sum == (long)sum
        ? (ReadingValue)(long)sum
        : Finite(one.AsDouble() + other.AsDouble());
}

// RFC 8428 4.5.1.
static string NameOf(string name) => name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or ':' or '.' or '/' or '_')
    ? name
    : throw new InvalidPayloadException(name == "" ? "a record has no name" : $"\"{name}\" is no name: A-Z a-z 0-9 - : . / _ may be in one");

// RFC 8428 4.5.3: what is below 2^28 is relative to now, and about that is a time since 1970. Decimals keep milliseconds what they are.
static DateTimeOffset TimeOf(double seconds, DateTimeOffset now) => seconds switch
{
    > -(1 << 28) and < 1 << 28 => now.AddSeconds(seconds),
    >= 1 << 28 and < 1e11 => DateTimeOffset.UnixEpoch.AddTicks((long)((decimal)seconds * TimeSpan.TicksPerSecond)),
    _ => throw new InvalidPayloadException(string.Create(CultureInfo.InvariantCulture, $"the time {seconds} is out of range")),
};

// ----------------------------------------------------------------------------------------------- measurements to readings

// The registry of units: RFC 8428 12.1, RFC 8798. The first are those whose numbers can't be just anything.
static readonly Dictionary<string, (double Least, double Most)> Units = new()
{
    ["%RH"] = (0, 100), ["%EL"] = (0, 100), ["lat"] = (-90, 90), ["lon"] = (-180, 180), ["Cel"] = (-273.15, double.MaxValue),
    ["K"] = (0, double.MaxValue), ["lx"] = (0, double.MaxValue), ["count"] = (0, double.MaxValue), ["beat/min"] = (0, double.MaxValue), ["EL"] = (0, double.MaxValue),
};

static readonly HashSet<string> UnboundedUnits =
[
    .. """
       m kg g s A cd mol Hz rad sr N Pa J W C V F Ohm S Wb T H lm Bq Gy Sv kat m2 m3 l m/s m/s2 m3/s l/s W/m2 cd/m2 bit bit/s pH dB dBW Bspl / % 1/s
       1/min beats S/m B VA VAs var vars J/m kg/m3 deg ms min h MHz kW kVA kvar Ah Wh kWh varh kvarh kVAh Wh/km KiB GB Mbit/s B/s MB/s mV mA dBm ug/m3
       mm/h m/h ppm /100 /1000 hPa mm cm km km/h
       """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
];

// A measurement's readings under a name: its value, and its sum with _sum behind the name.
static IEnumerable<Reading> ReadingsOf(Measurement measurement, string index)
{
    var (_, value, sum, unit, time, updateTime) = measurement;
    var metadata = new Dictionary<string, ReadingValue> { ["name"] = measurement.Name };
    if (updateTime is { } seconds)
    {
        metadata["update_time"] = seconds;
    }

    if (value is { } measured)
    {
        yield return InUnit(new Reading(index, measured) { Unit = unit, Timestamp = time, Metadata = metadata });
    }

    if (sum is { } total)
    {
        yield return new Reading($"{index}_sum", total) { Unit = UnitOfSum(unit), Timestamp = time, Metadata = metadata };
    }
}

// RFC 8428 4.2: a sum is the integral over time, in the unit multiplied by seconds. Some of these have a name.
static string? UnitOfSum(string? unit) => unit switch
{
    null => null,
    "W" => "J",
    "A" => "C",
    "VA" => "VAs",
    "var" => "vars",
    "m/s" => "m",
    "l/s" => "l",
    "m3/s" => "m3",
    "bit/s" => "bit",
    _ => $"{unit}.s",
};

// A reading, flagged when its unit rules its value out.
static Reading InUnit(Reading reading)
{
    if (reading.Unit is not { } unit || UnboundedUnits.Contains(unit))
    {
        return reading;
    }

    if (Units.TryGetValue(unit, out var range))
    {
        return Within(range.Least, range.Most, reading);
    }

    warn($"\"{unit}\" is not in SenML's registry of units");
    return reading;
}

// --------------------------------------------------------------------------------------------------- records to bytes

// A pack of JSON as CBOR.
static byte[] ToCbor(JsonElement pack)
{
    var writer = new CborWriter();
    writer.WriteStartArray(pack.GetArrayLength());
    foreach (var record in JsonRecords(pack))
    {
        writer.WriteStartMap(record.Count);
        foreach (var (label, value) in record)
        {
            writer.WriteInt32(CborKeys[label]);
            WriteValue(writer, label, value);
        }

        writer.WriteEndMap();
    }

    writer.WriteEndArray();
    return writer.Encode();
}

static void WriteValue(CborWriter writer, string label, ReadingValue value)
{
    switch (value.Kind)
    {
        case ReadingValueKind.Whole: writer.WriteInt64(value.AsInt64()); break;
        case ReadingValueKind.Real: writer.WriteDouble(value.AsDouble()); break;
        case ReadingValueKind.Boolean: writer.WriteBoolean(value.AsBoolean()); break;
        case var _ when label == "vd": writer.WriteByteString(Convert.FromHexString(value.ToString())); break;
        default: writer.WriteTextString(value.ToString()); break;
    }
}
