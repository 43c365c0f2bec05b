// What an Efento sensor posts to its data endpoint: one reading for each sample, and the totals of its counters.
using Gateway.Protos.Efento;

// A channel's metadata. Samples of which there is the same to tell share one dictionary, for a message may hold hundreds.
sealed class ChannelMetadata(Dictionary<string, ReadingValue> common)
{
    private readonly Dictionary<(string?, ReadingValue, string?), Dictionary<string, ReadingValue>> _shared = [];

    public Dictionary<string, ReadingValue> With(string? key = null, ReadingValue value = default, string? flag = null)
    {
        if (key is null && flag is null)
        {
            return common;
        }

        if (!_shared.TryGetValue((key, value, flag), out var metadata))
        {
            metadata = new Dictionary<string, ReadingValue>(common);
            if (key is not null)
            {
                metadata[key] = value;
            }

            if (flag is not null)
            {
                metadata[flag] = true;
            }

            _shared.Add((key, value, flag), metadata);
        }

        return metadata;
    }
}

static List<Reading> Measurements(ProtoMeasurements message)
{
    var common = AboutMessage(message);
    var period = PeriodOf(message);
    var readings = new List<Reading>();
    var totals = new List<Reading>();
    for (var i = 0; i < message.Channels.Count; i++)
    {
        var channel = message.Channels[i];
        if (channel.Type == MeasurementType.NoSensor)
        {
            continue;
        }

        var measure = MeasureOf(channel.Type);
        var metadata = new ChannelMetadata(AboutChannel(common, channel, i + 1, measure.States is null ? period : null));
        if (measure.States is { } states)
        {
            AddBinary(readings, channel, measure.Index, states, metadata);
        }
        else
        {
            AddContinuous(readings, channel, measure, period, metadata);
        }

        if (Totals.TryGetValue(channel.Type, out var total))
        {
            AddTotals(totals, message, channel, period, total, metadata);
        }
    }

    readings.AddRange(totals);
    return readings;
}

// Seconds between two samples of a continuous channel.
static long PeriodOf(ProtoMeasurements message)
{
    // Both numbers are at most 65535; their product still fits, whatever the sensor sent.
    var period = (ulong)message.MeasurementPeriodBase * Math.Max(message.MeasurementPeriodFactor, 1);
    return period <= uint.MaxValue ? (long)period : throw new InvalidPayloadException($"a measurement period of {period} s can't be");
}

static Dictionary<string, ReadingValue> AboutMessage(ProtoMeasurements message)
{
    var about = new Dictionary<string, ReadingValue>
    {
        ["source_sn_hex"] = SerialOf(message.SerialNumber),
        ["is_error"] = false,
        ["battery_ok"] = message.BatteryStatus,
        ["configuration_hash"] = message.ConfigurationHash,
        ["transfer_reason"] = message.TransferReason,
        ["transfer_reasons"] = ReasonsOf(message.TransferReason),
        ["retries"] = (message.TransferReason >> 3) & 31,
    };
    if (message.NextTransmissionAt != 0)
    {
        about["next_transmission_at"] = Iso(message.NextTransmissionAt);
    }

    if (message.ExtendedConfigurationHash != 0)
    {
        about["extended_configuration_hash"] = message.ExtendedConfigurationHash;
    }

    // Firmware 07 tells the battery by its level, firmware 06 the modem's signal; 0 is what a field has that was not sent.
    if (message.BatteryLevel != 0)
    {
        about["battery_status"] = (message.BatteryLevel % 6) switch
        {
            0 => "battery",
            1 => "rechargeable",
            2 => "charging",
            _ => "reserved",
        };
        if (message.BatteryLevel / 6 != NoVoltage)
        {
            about["battery_voltage"] = message.BatteryLevel / 6 / 100.0;
        }
    }

    if (message.Signal is >= 1 and <= 63)
    {
        about["signal_dbm"] = (int)message.Signal - 111;
    }

    return about;
}

const uint NoVoltage = 10921;

static readonly string[] Reasons =
[
    "reset", "button", "bluetooth", "", "", "", "", "", "rule_1", "rule_2", "rule_3", "rule_4", "rule_5", "rule_6", "rule_7", "rule_8",
    "rule_9", "rule_10", "rule_11", "rule_12", "transfer_limit_end", "pin_tamper", "enclosure_tamper", "shutdown",
];

static string ReasonsOf(uint bits)
{
    var reasons = string.Join(',', Reasons.Where((reason, bit) => reason != "" && (bits >> bit & 1) != 0));
    return reasons != "" ? reasons : "scheduled";
}

static Dictionary<string, ReadingValue> AboutChannel(
    Dictionary<string, ReadingValue> common, ProtoChannel channel, int number, long? period)
{
    var about = new Dictionary<string, ReadingValue>(common)
    {
        ["channel_number"] = number,
        ["measurement_type"] = (int)channel.Type,
    };
    if (period is { } seconds)
    {
        about["measurement_period"] = seconds;
    }

    if (channel.Timestamp <= 0)
    {
        about["clock_not_set"] = true;
    }

    return about;
}

static void AddContinuous(List<Reading> readings, ProtoChannel channel, Measure measure, long period, ChannelMetadata metadata)
{
    for (var i = 0; i < channel.SampleOffsets.Count; i++)
    {
        var time = TimeOf(channel.Timestamp + i * period);
        if (IsError(channel, i))
        {
            readings.Add(Error(measure.Index, time, channel.SampleOffsets[i], metadata));
            continue;
        }

        var (raw, detail) = SampleOf(channel, i, measure);
        var value = raw / (double)measure.Divisor;
        readings.Add(new Reading(measure.Index, measure.Divisor == 1 ? (ReadingValue)raw : value)
        {
            Unit = measure.Unit,
            Timestamp = time,
            Metadata = metadata.With(measure.Detail?.Key, measure.Detail?.Meaning(detail) ?? default,
                value < measure.Minimum || value > measure.Maximum ? "out_of_range" : null),
        });
    }
}

// Offsets in this range are codes of errors. They stand in the sample's place, and the start point is not theirs.
static bool IsError(ProtoChannel channel, int i) => channel.SampleOffsets[i] is >= 0x7F8000 and <= 0x7FFFFF;

// C# divides toward zero, as the sensor does, but its remainder is negative for a negative number.
static (long Raw, int Detail) SampleOf(ProtoChannel channel, int i, Measure measure)
{
    var raw = (long)channel.StartPoint + channel.SampleOffsets[i];
    return measure.Detail is { Factor: var factor } ? (raw / factor, (int)(Math.Abs(raw) % factor)) : (raw, 0);
}

static Reading Error(string index, DateTimeOffset time, ReadingValue code, ChannelMetadata metadata) =>
    new(index) { Timestamp = time, Metadata = metadata.With("error_code", code, "is_error") };

static void AddBinary(
    List<Reading> readings, ProtoChannel channel, string index, (string Active, string Inactive) states, ChannelMetadata metadata)
{
    var offsets = channel.SampleOffsets;
    for (var i = 0; i < offsets.Count; i++)
    {
        // The sign is the state, and 0 has none.
        if (offsets[i] == 0)
        {
            readings.Add(Error(index, TimeOf(channel.Timestamp), "invalid_offset", metadata));
            continue;
        }

        var active = offsets[i] > 0;
        var endsRange = i > 0 && i == offsets.Count - 1 && Math.Sign(offsets[i]) == Math.Sign(offsets[i - 1]);
        readings.Add(new Reading(index, active)
        {
            Timestamp = TimeOf(channel.Timestamp + Math.Abs((long)offsets[i]) - 1),
            Metadata = metadata.With("state", active ? states.Active : states.Inactive, endsRange ? "range_end" : null),
        });
    }
}

// The totals of a minor channel, as far as the major channel that it names has a good sample of the same time.
static void AddTotals(List<Reading> totals, ProtoMeasurements message, ProtoChannel minor, long period,
    (MeasurementType Major, long Weight, string Index) total, ChannelMetadata metadata)
{
    var measure = MeasureOf(minor.Type);
    for (var i = 0; i < minor.SampleOffsets.Count; i++)
    {
        var (units, majorIndex) = SampleOf(minor, i, measure);
        if (IsError(minor, i) || majorIndex >= message.Channels.Count)
        {
            continue;
        }

        var major = message.Channels[majorIndex];
        if (major.Type != total.Major || SampleAt(major, minor.Timestamp + i * period, period, i) is not { } at || IsError(major, at))
        {
            continue;
        }

        var (weights, status) = SampleOf(major, at, MeasureOf(major.Type));
        totals.Add(new Reading(total.Index, weights * total.Weight + units)
        {
            Unit = measure.Unit,
            Timestamp = TimeOf(minor.Timestamp + i * period),
            Metadata = metadata.With("status", status),
        });
    }
}

// Which sample of a channel is of this time; without a period all are of the same, and it is the one with the same place.
static int? SampleAt(ProtoChannel channel, long time, long period, int samePlace)
{
    var late = time - channel.Timestamp;
    long at = period == 0 ? (late == 0 ? samePlace : -1) : late % period == 0 ? late / period : -1;
    return at >= 0 && at < channel.SampleOffsets.Count ? (int)at : null;
}
