// Efento NB-IoT sensors over CoAP: measurements (/m), device info (/i), configuration (/c) and time (/t).
//
// The bytes are protobuf, described in protos/efento; readings, metadata and commands are listed in docs/devices/efento.md.
// A sensor's endpoints can be renamed; tell the gateway with the settings data_endpoint, device_info_endpoint,
// configuration_endpoint and time_endpoint.
using Gateway.Protos.Efento;

// ----------------------------------------------------------------------------------------------- what the gateway calls

List<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config, UplinkRequest request) => EndpointOf(request, config) switch
{
    "data_endpoint" => Measurements(ProtoMeasurements.Parser.ParseFrom(payload), ModemIn(request, config)),
    "device_info_endpoint" => DeviceInfo(ProtoDeviceInfo.Parser.ParseFrom(payload)),
    "configuration_endpoint" => Configuration(ProtoConfig.Parser.ParseFrom(payload)),
    "time_endpoint" => [],
    _ => throw new InvalidPayloadException(
        $"{request.Path} is none of the sensor's endpoints: {string.Join(", ", Endpoints.Select(endpoint => PathOf(endpoint, config)))}"),
};

string? identify(ReadOnlySpan<byte> payload, UplinkRequest request)
{
    var message = SerialNumberParser.ParseFrom(payload);
    return SerialOf(message.SerialNumber.IsEmpty ? message.ConfigurationSerialNumber : message.SerialNumber);
}

string? cloud_token(ReadOnlySpan<byte> payload, UplinkRequest request)
{
    var message = SerialNumberParser.ParseFrom(payload);
    return (message.SerialNumber.IsEmpty ? message.ConfigurationCloudToken : message.CloudToken).ToStringUtf8();
}

UplinkResponse? respond(ReadOnlySpan<byte> payload, DeviceConfig config, UplinkRequest request)
{
    if (EndpointOf(request, config) != "time_endpoint")
    {
        return null;
    }

    // 32 bits of seconds since 1970, most significant byte first; good until 2106.
    var time = new byte[4];
    BinaryPrimitives.WriteUInt32BigEndian(time, (uint)request.ReceivedAt.ToUnixTimeSeconds());
    return new UplinkResponse(time) { Code = "2.05", ContentFormat = 42 };
}

byte[]? format_command(Command command, DeviceConfig config, UplinkRequest? request) => WishOf(command, request)?.ToByteArray();

// Settings of several commands go into one message, in their order, as long as no field comes twice: the later one could not be told
// from the earlier, and a list would become longer.
CommandBatch? format_commands(IReadOnlyList<Command> commands, DeviceConfig config, UplinkRequest? request)
{
    var merged = new ProtoConfig();
    var taken = new HashSet<string>();
    var carried = new List<string>();
    foreach (var command in commands)
    {
        if (WishIfValid(command, request) is not { } wish || taken.Overlaps(FieldsIn(wish)) || merged.CalculateSize() + wish.CalculateSize() > LongestAnswer)
        {
            break;
        }

        merged.MergeFrom(wish);
        taken.UnionWith(FieldsIn(wish));
        carried.Add(command.RequestId);
        if (SilencesSensor(wish))
        {
            break;
        }
    }

    return carried.Count < 2 ? null : new CommandBatch(merged.ToByteArray(), carried);
}

CommandEvidence confirm(Command command, ReadOnlySpan<byte> payload, DeviceConfig config, UplinkRequest request)
{
    var wish = WishOf(command, request)!;
    return EndpointOf(request, config) switch
    {
        "data_endpoint" => EvidenceIn(ProtoMeasurements.Parser.ParseFrom(payload), command, wish, config),
        "device_info_endpoint" => wish.DeviceInfoRequest && IsRequestOnly(wish) ? CommandEvidence.Applied : CommandEvidence.Unknown,
        "configuration_endpoint" => EvidenceIn(ProtoConfig.Parser.ParseFrom(payload), command, wish),
        _ => CommandEvidence.Unknown,
    };
}

// The sensor counts the attempts that had no answer, until one has.
bool exchange_failed(ReadOnlySpan<byte> payload, DeviceConfig config, UplinkRequest request) =>
    EndpointOf(request, config) == "data_endpoint" && RetriesOf(ProtoMeasurements.Parser.ParseFrom(payload)) > 0;

IEnumerable<CommandDescription> commands() => Orders.Select(order => new CommandDescription(order.Key)
{
    Description = order.Value.Description,
    Schema = order.Value.Payload.Schema,
    Example = order.Value.Example,
});

// --------------------------------------------------------------------------------------- endpoints, serial number, time

static readonly (string Setting, string Usual)[] Endpoints =
[
    ("data_endpoint", "/m"), ("device_info_endpoint", "/i"), ("configuration_endpoint", "/c"), ("time_endpoint", "/t"),
];

// Without a request there is nobody to be told the time; any will do to see that the command can be encoded.
static readonly DateTimeOffset TimeOfDryRun = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

static readonly MessageParser<ProtoSerialNumber> SerialNumberParser = ProtoSerialNumber.Parser.WithDiscardUnknownFields(true);

// Most devices have no settings of their own: no text is made for them.
static string PathOf((string Setting, string Usual) endpoint, DeviceConfig config) =>
    config.Settings.Count == 0 ? endpoint.Usual : "/" + config.GetString(endpoint.Setting, endpoint.Usual)!.TrimStart('/');

// Which endpoint a request came to, by its setting's name. A route may put something before it: /efento/m is /m as well.
static string? EndpointOf(UplinkRequest request, DeviceConfig config) => EndpointOf(request.Path, config);

static string? EndpointOf(string path, DeviceConfig config)
{
    foreach (var endpoint in Endpoints)
    {
        if (path.EndsWith(PathOf(endpoint, config), StringComparison.Ordinal))
        {
            return endpoint.Setting;
        }
    }

    return null;
}

// Real sensors have six bytes; others have been seen in tests. More than eight are no serial number.
static string SerialOf(ByteString serial) => serial.Length switch
{
    0 => throw new InvalidPayloadException("the message has no serial_number"),
    <= 8 => Convert.ToHexStringLower(serial.Span),
    _ => throw new InvalidPayloadException($"serial_number has {serial.Length} bytes, and not the six of a sensor"),
};

static DateTimeOffset TimeOf(long seconds) => seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
    ? DateTimeOffset.FromUnixTimeSeconds(seconds)
    : throw new InvalidPayloadException("a sample lies beyond the year 9999");

static string Iso(uint seconds) =>
    DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime.ToString("s", CultureInfo.InvariantCulture) + "Z";

// ---------------------------------------------------------------------------------------------- what a channel measures

// A second number that travels in the raw value: value = raw / Factor, and |raw| % Factor is metadata.
sealed record Detail(string Key, int Factor, Func<int, ReadingValue> Meaning);

// Value = raw / Divisor. A binary type has a word for each state instead.
sealed record Measure(
    string Index,
    string? Unit = null,
    int Divisor = 1,
    double Minimum = double.MinValue,
    double Maximum = double.MaxValue,
    Detail? Detail = null,
    (string Active, string Inactive)? States = null);

static readonly Detail Calibration = new("calibration", 3, detail => detail switch { 0 => "required", 1 => "running", _ => "done" });
static readonly Detail AutoCalibration = new("calibration", 3, detail => detail switch { 0 => "none", 1 => "ok", _ => "failed" });
static readonly Detail MajorStatus = new("status", 4, detail => detail);
static readonly Detail MajorChannel = new("major_channel", 6, detail => detail + 1);

// By the number of the measurement type. Units are SenML's where it has one.
static readonly Measure[] Measures =
[
    new("NO_SENSOR"),
    new("TEMPERATURE", "Cel", 10, -273.2, 4000),
    new("HUMIDITY", "%RH", 1, 0, 100),
    new("ATMOSPHERIC_PRESSURE", "hPa", 10, 1, 2000),
    new("DIFFERENTIAL_PRESSURE", "Pa", 1, -10_000, 10_000),
    new("OK_ALARM", States: ("alarm", "ok")),
    new("IAQ", "IAQ", 1, 0, 500, Calibration),
    new("FLOODING", States: ("water_detected", "no_water")),
    new("PULSE_CNT", "pulse", 1, 0, 8_000_000),
    new("ELECTRICITY_METER", "Wh", 1, 0, 8_000_000),
    new("WATER_METER", "l", 1, 0, 8_000_000),
    new("SOIL_MOISTURE", "kPa", 1, -1000, 0),
    new("CO_GAS", "ppm", 1, 0, 1_000_000),
    new("NO2_GAS", "ppm", 1, 0, 1_000_000),
    new("H2S_GAS", "ppm", 100, 0, 80_000),
    new("AMBIENT_LIGHT", "lx", 10, 0, 100_000),
    new("PM_1_0", "ug/m3", 1, 0, 1000),
    new("PM_2_5", "ug/m3", 1, 0, 1000),
    new("PM_10_0", "ug/m3", 1, 0, 1000),
    new("NOISE_LEVEL", "dB", 10, 0, 200),
    new("NH3_GAS", "ppm", 1, 0, 1_000_000),
    new("CH4_GAS", "ppm", 1, 0, 1_000_000),
    new("HIGH_PRESSURE", "kPa", 1, 0, 200_000),
    new("DISTANCE_MM", "mm", 1, 0, 100_000),
    new("WATER_METER_ACC_MINOR", "l", 1, 0, 99, MajorChannel),
    new("WATER_METER_ACC_MAJOR", "hl", 1, 0, 999_999, MajorStatus),
    new("CO2_GAS", "ppm", 1, 0, 1_000_000, AutoCalibration),
    new("HUMIDITY_ACCURATE", "%RH", 10, 0, 100),
    new("STATIC_IAQ", "sIAQ", 1, 0, 10_000, Calibration),
    new("CO2_EQUIVALENT", "ppm", 1, 0, 1_000_000, Calibration),
    new("BREATH_VOC", "ppm", 1, 0, 100_000, Calibration),
    new("SHARED_MODEM"),
    new("PERCENTAGE", "%", 100, 0, 100),
    new("VOLTAGE", "mV", 10, 0, 100_000),
    new("CURRENT", "mA", 100, 0, 10_000),
    new("PULSE_CNT_ACC_MINOR", "pulse", 1, 0, 999, MajorChannel),
    new("PULSE_CNT_ACC_MAJOR", "kpulse", 1, 0, 999_999, MajorStatus),
    new("ELEC_METER_ACC_MINOR", "Wh", 1, 0, 999, MajorChannel),
    new("ELEC_METER_ACC_MAJOR", "kWh", 1, 0, 999_999, MajorStatus),
    new("PULSE_CNT_ACC_WIDE_MINOR", "pulse", 1, 0, 999_999, MajorChannel),
    new("PULSE_CNT_ACC_WIDE_MAJOR", "Mpulse", 1, 0, 999_999, MajorStatus),
    new("CURRENT_PRECISE", "mA", 1000, -4000, 4000),
    new("OUTPUT_CONTROL", States: ("on", "off")),
    new("RESISTANCE", "Ohm", 1, 0, 1_000_000),
];

// By the type of the minor channel: what one unit of its major is worth in its own unit.
static readonly Dictionary<MeasurementType, (MeasurementType Major, long Weight, string Index)> Totals = new()
{
    [MeasurementType.WaterMeterAccMinor] = (MeasurementType.WaterMeterAccMajor, 100, "WATER_METER_ACC_TOTAL"),
    [MeasurementType.PulseCntAccMinor] = (MeasurementType.PulseCntAccMajor, 1000, "PULSE_CNT_ACC_TOTAL"),
    [MeasurementType.ElecMeterAccMinor] = (MeasurementType.ElecMeterAccMajor, 1000, "ELEC_METER_ACC_TOTAL"),
    [MeasurementType.PulseCntAccWideMinor] = (MeasurementType.PulseCntAccWideMajor, 1_000_000, "PULSE_CNT_ACC_WIDE_TOTAL"),
};

// A sensor may be newer than this script: what it measures is then kept as the raw number.
static Measure MeasureOf(MeasurementType type) =>
    (int)type >= 0 && (int)type < Measures.Length ? Measures[(int)type] : new Measure($"UNKNOWN_{(int)type}");

// --------------------------------------------------------------------------------------------------------- measurements

// A channel's metadata. Samples of which there is the same to tell share one dictionary, for a message may hold hundreds.
sealed class ChannelMetadata(Dictionary<string, ReadingValue> common)
{
    private Dictionary<(string?, ReadingValue, string?), Dictionary<string, ReadingValue>>? _shared;

    public Dictionary<string, ReadingValue> With(string? key = null, ReadingValue value = default, string? flag = null)
    {
        if (key is null && flag is null)
        {
            return common;
        }

        _shared ??= [];
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

// The modem's identification (IMEI) may come in a CoAP option, whose number the setting modem_identification_option says.
static string? ModemIn(UplinkRequest request, DeviceConfig config) =>
    config.Settings.Count > 0 && config.GetNumber("modem_identification_option") is > 0 and <= 65535 and var number && request.Option((int)number) is { } modem
        ? Encoding.UTF8.GetString(modem.Span)
        : null;

static List<Reading> Measurements(ProtoMeasurements message, string? modem)
{
    var common = AboutMessage(message);
    if (modem is not null)
    {
        common["modem_id"] = modem;
    }

    var period = PeriodOf(message);
    var readings = new List<Reading>(SamplesIn(message));
    var totals = new List<Reading>();
    for (var i = 0; i < message.Channels.Count; i++)
    {
        var channel = message.Channels[i];
        if (channel.Type == MeasurementType.NoSensor)
        {
            continue;
        }

        var measure = MeasureOf(channel.Type);
        var isLast = i == message.Channels.Count - 1;
        var metadata = new ChannelMetadata(AboutChannel(common, isLast, channel, i + 1, measure.States is null ? period : null));
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

static int SamplesIn(ProtoMeasurements message)
{
    var samples = 0;
    for (var i = 0; i < message.Channels.Count; i++)
    {
        samples += message.Channels[i].SampleOffsets.Count;
    }

    return samples;
}

// Seconds between two samples of a continuous channel.
static long PeriodOf(ProtoMeasurements message)
{
    // Both numbers are at most 65535; their product still fits, whatever the sensor sent.
    var period = (ulong)message.MeasurementPeriodBase * Math.Max(message.MeasurementPeriodFactor, 1);
    return period <= uint.MaxValue ? (long)period : throw new InvalidPayloadException($"a measurement period of {period} s can't be");
}

// What there is to tell of the message as a whole, and so of each of its readings.
static Dictionary<string, ReadingValue> AboutMessage(ProtoMeasurements message)
{
    // With room for what the channel adds.
    var about = new Dictionary<string, ReadingValue>(16)
    {
        ["source_sn_hex"] = SerialOf(message.SerialNumber),
        ["is_error"] = false,
        ["battery_ok"] = message.BatteryStatus,
        ["configuration_hash"] = message.ConfigurationHash,
        ["transfer_reason"] = message.TransferReason,
        ["transfer_reasons"] = ReasonsOf(message.TransferReason),
        ["retries"] = RetriesOf(message),
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

// By bit. From firmware 07.02 on rules 13 to 16 share the bits of rules 1 to 4.
static readonly string[] Reasons =
[
    "reset", "button", "bluetooth", "", "", "", "", "", "rule_1", "rule_2", "rule_3", "rule_4", "rule_5", "rule_6", "rule_7", "rule_8",
    "rule_9", "rule_10", "rule_11", "rule_12", "transfer_limit_end", "pin_tamper", "enclosure_tamper", "shutdown",
];

static uint RetriesOf(ProtoMeasurements message) => (message.TransferReason >> 3) & 31;

// Without a reason it was simply time to speak; the five bits that count failed attempts are no reason.
static string ReasonsOf(uint bits)
{
    if ((bits & 0xFFFF07) == 0)
    {
        return "scheduled";
    }

    // Nearly always there is one, and then its name is the text.
    var reasons = "";
    for (var bit = 0; bit < Reasons.Length; bit++)
    {
        if (Reasons[bit] != "" && (bits >> bit & 1) != 0)
        {
            reasons = reasons == "" ? Reasons[bit] : $"{reasons},{Reasons[bit]}";
        }
    }

    return reasons;
}

// The last channel, which often is the only one, takes over what the others would copy.
static Dictionary<string, ReadingValue> AboutChannel(
    Dictionary<string, ReadingValue> common, bool isLast, ProtoChannel channel, int number, long? period)
{
    var about = isLast ? common : new Dictionary<string, ReadingValue>(common);
    about["channel_number"] = number;
    about["measurement_type"] = (int)channel.Type;
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

// ---------------------------------------------------------------------------------------------------------- device info

// Of the flat metadata, what is worth a reading of its own.
static readonly (string Metadata, string Index, string? Unit)[] Vitals =
[
    ("runtime.up_time", "RUNTIME_UP_TIME", "s"),
    ("runtime.reset_counter", "RUNTIME_RESET_COUNTER", null),
    ("runtime.mcu_temperature", "MCU_TEMPERATURE", "Cel"),
    ("runtime.battery_mv", "BATTERY_VOLTAGE", "mV"),
    ("modem.sc_rsrp", "MODEM_RSRP", "dBm"),
    ("modem.sc_rsrq", "MODEM_RSRQ", "dB"),
    ("modem.sc_rssi", "MODEM_RSSI", "dBm"),
    ("modem.sc_sinr", "MODEM_SINR", "dB"),
    ("memory.used_bytes", "MEMORY_USED", "B"),
];

static List<Reading> DeviceInfo(ProtoDeviceInfo info)
{
    var serial = new Dictionary<string, ReadingValue> { ["source_sn_hex"] = SerialOf(info.SerialNumber), ["is_error"] = false };
    var about = new Dictionary<string, ReadingValue>(serial);
    AddVersion(about, info);
    AddRuntime(about, info.RuntimeInfo);
    AddModem(about, info.Modem);
    AddMemory(about, info.MemoryStatistics);
    if (info.LastUpdateInfo is { } update)
    {
        about["update.timestamp"] = Iso(update.Timestamp);
        about["update.status"] = update.Status;
    }

    List<Reading> readings = [new("DEVICE_INFO") { Metadata = about }];
    foreach (var (name, index, unit) in Vitals)
    {
        if (about.TryGetValue(name, out var value))
        {
            readings.Add(new Reading(index, value) { Unit = unit, Metadata = serial });
        }
    }

    return readings;
}

static void AddVersion(Dictionary<string, ReadingValue> about, ProtoDeviceInfo info)
{
    about["sw_version"] = $"{info.SwVersion >> 8:D2}.{info.SwVersion & 0xFF:D2}";
    about["enclosure_tamper_alert"] = info.EnclosureTamperAlert;

    // From 06.07 on the first two digits are the number of the long-term support line, and the commit has the other five.
    var hasLine = info.SwVersion >= 0x0607 && info.CommitId.Length > 2;
    if (hasLine && int.TryParse(info.CommitId.AsSpan(0, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var line))
    {
        about["lts"] = line;
        about["commit"] = info.CommitId[2..];
    }
    else if (info.CommitId != "")
    {
        about["commit"] = info.CommitId;
    }
}

static void AddRuntime(Dictionary<string, ReadingValue> about, ProtoRuntime? runtime)
{
    if (runtime is null)
    {
        return;
    }

    about["runtime.up_time"] = runtime.UpTime;
    about["runtime.mcu_temperature"] = runtime.McuTemperature;
    AddAll(about, "runtime.", ["con_transmissions", "non_transmissions", "succeeded_transmissions"], runtime.MessageCounters);

    // These are known by not being 0: older or newer firmware does not send them.
    AddUnless(about, "runtime.battery_mv", runtime.BatteryVoltage == 65535 ? 0 : runtime.BatteryVoltage, 0);
    AddUnless(about, "runtime.max_mcu_temperature", runtime.MaxMcuTemperature, 0);
    AddUnless(about, "runtime.min_mcu_temperature", runtime.MinMcuTemperature, 0);
    AddUnless(about, "runtime.min_battery_mcu_temperature", runtime.MinBatteryMcuTemperature, 0);
    AddUnless(about, "runtime.reset_counter", runtime.ResetCounter, 0);
    if (runtime.BatteryResetTimestamp != 0)
    {
        about["runtime.battery_reset_timestamp"] = Iso(runtime.BatteryResetTimestamp);
    }

    if (runtime.RuntimeErrors.Count > 0)
    {
        about["runtime.errors"] = string.Join(',', runtime.RuntimeErrors);
    }
}

// Each radio figure's name, and the number that means that the modem does not know it.
static readonly (string Name, int Unknown)[] ServingCell =
[
    ("sc_earfcn", -1), ("sc_earfcn_offset", -1), ("sc_pci", -1), ("sc_cell_id", 0), ("sc_rsrp", 0), ("sc_rsrq", 0), ("sc_rssi", 0),
    ("sc_sinr", 31), ("sc_band", -1), ("sc_tac", -1), ("sc_ecl", -1),
];

static readonly (string Name, int Unknown)[] Bc66Figures =
[
    .. ServingCell, ("sc_tx_pwr", -1000), ("op_mode", -1), ("nc_earfcn", -1), ("nc_earfcn_offset", -1), ("nc_pci", -1), ("nc_rsrp", 0),
    ("rlc_ul_bler", -1), ("rlc_dl_bler", -1), ("mac_ul_bler", -1), ("mac_dl_bler", -1), ("mac_ul_bytes", -1), ("mac_dl_bytes", -1),
    ("harq_ul_tx", -1), ("harq_dl_tx", -1), ("harq_ul_retx", -1), ("harq_dl_retx", -1), ("rlc_ul_throughput", -1),
    ("rlc_dl_throughput", -1), ("mac_ul_throughput", -1), ("mac_dl_throughput", -1), ("sleep_duration", -1), ("rx_time", -1),
    ("tx_time", -1),
];

static readonly (string Name, int Unknown)[] Bc660Figures =
[
    .. ServingCell, ("sc_tx_pwr", 128), ("op_mode", -1), ("nc_earfcn", -1), ("nc_pci", -1), ("nc_rsrp", 0), ("nc_rsrq", 0),
    ("sleep_duration", -1), ("rx_time", -1), ("tx_time", -1), ("plmn_state", -1), ("select_plmn", -1),
];

static readonly (string Name, int Unknown)[] SharedModemFigures = [("sc_rsrp", 0), ("sc_rsrq", 0), ("sc_rssi", 0), ("sc_sinr", 31)];

static void AddModem(Dictionary<string, ReadingValue> about, ProtoModem? modem)
{
    if (modem is null)
    {
        return;
    }

    about["modem_type"] = (int)modem.Type;
    AddUnless(about, "modem_firmware", modem.Firmware, 0);
    if (modem.Iccid is not ("" or "\x7F"))
    {
        about["iccid"] = modem.Iccid;
    }

    if (modem.Identification != "")
    {
        about["modem_id"] = modem.Identification;
    }

    AddAll(about, "modem_statistics.", ["transmissions", "seconds_since_last_info", "psm_seconds", "active_seconds"], modem.Statistics);
    (string Name, int Unknown)[] figures = modem.Type switch
    {
        ModemType.Bc66 or ModemType.Bc66Na => Bc66Figures,
        ModemType.Bc660 => Bc660Figures,
        ModemType.Shared => SharedModemFigures,
        _ => [],
    };
    foreach (var (figure, value) in figures.Zip(modem.Parameters))
    {
        AddUnless(about, "modem." + figure.Name, value, figure.Unknown);
    }
}

static readonly string[] MemoryStatistics =
[
    "nv_storage_status", "collected_until", "capacity_bytes", "used_bytes", "invalid_bytes", "corrupt_bytes", "valid_packets",
    "invalid_packets", "corrupt_packets", "samples_ch1", "samples_ch2", "samples_ch3", "samples_ch4", "samples_ch5", "samples_ch6",
    "first_binary_at", "last_binary_at", "last_sent_binary_at", "first_continuous_at", "last_continuous_at", "last_sent_continuous_at",
    "nvm_writes",
];

static void AddMemory(Dictionary<string, ReadingValue> about, IEnumerable<uint> statistics)
{
    foreach (var (name, value) in MemoryStatistics.Zip(statistics))
    {
        if (name is "collected_until" || name.EndsWith("_at", StringComparison.Ordinal))
        {
            if (value != uint.MaxValue)
            {
                about["memory." + name] = Iso(value);
            }
        }
        else
        {
            about["memory." + name] = value;
        }
    }
}

// Arrays may be shorter than they are described, or longer.
static void AddAll(Dictionary<string, ReadingValue> about, string prefix, string[] names, IEnumerable<uint> values)
{
    foreach (var (name, value) in names.Zip(values))
    {
        about[prefix + name] = value;
    }
}

static void AddUnless(Dictionary<string, ReadingValue> about, string name, long value, long unknown)
{
    if (value != unknown)
    {
        about[name] = value;
    }
}

// -------------------------------------------------------------------------------- configuration, as the sensor tells it

// Field names and numbers as config_update takes them, so that what was sent can be compared with what came back.
static readonly JsonFormatter ConfigurationFormat =
    new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true).WithFormatEnumsAsIntegers(true));

static readonly string[] Secrets = ["network_key", "encryption_key", "apn_password", "cloud_token"];

static List<Reading> Configuration(ProtoConfig configuration)
{
    var about = new Dictionary<string, ReadingValue>();
    using var json = JsonDocument.Parse(ConfigurationFormat.Format(configuration));
    Flatten(json.RootElement, "", about);
    foreach (var secret in Secrets.Where(about.ContainsKey))
    {
        about[secret] = "***";
    }

    about["is_error"] = false;
    if (!configuration.SerialNumber.IsEmpty)
    {
        about["serial_number"] = about["source_sn_hex"] = SerialOf(configuration.SerialNumber);
    }

    List<Reading> readings = [new("CONFIGURATION") { Metadata = about }];
    foreach (var code in configuration.ConfigurationErrors)
    {
        var error = new Dictionary<string, ReadingValue> { ["is_error"] = true, ["error_code"] = code };
        if (about.TryGetValue("source_sn_hex", out var serial))
        {
            error["source_sn_hex"] = serial;
        }

        readings.Add(new Reading("CONFIGURATION_ERROR")
        {
            Timestamp = configuration.ConfigurationErrorTimestamp != 0 ? TimeOf(configuration.ConfigurationErrorTimestamp) : null,
            Metadata = error,
        });
    }

    return readings;
}

static void Flatten(JsonElement element, string path, Dictionary<string, ReadingValue> into)
{
    switch (element.ValueKind)
    {
        case JsonValueKind.Object:
            foreach (var member in element.EnumerateObject())
            {
                Flatten(member.Value, path == "" ? member.Name : $"{path}.{member.Name}", into);
            }

            break;
        case JsonValueKind.Array:
            for (var i = 0; i < element.GetArrayLength(); i++)
            {
                Flatten(element[i], $"{path}.{i}", into);
            }

            break;
        case JsonValueKind.Number:
            into[path] = element.GetInt64();
            break;
        case JsonValueKind.True or JsonValueKind.False:
            into[path] = element.GetBoolean();
            break;
        default:
            into[path] = element.GetString();
            break;
    }
}

// -------------------------------------------------------------------------------------------------- rules and calendars

static readonly Check Condition = OneOf(
    ("disabled", 1), ("high_threshold", 2), ("low_threshold", 3), ("differential", 4), ("state_change", 5), ("logic", 6),
    ("on_measurement", 7), ("sensor_error", 8));

static readonly Check Mode = OneOf(("moving_average", 1), ("window_average", 2), ("consecutive", 3));

// What rules can compare: everything continuous whose resolution is known. By its name or its number.
static readonly Check Comparable = OneOf([.. Measures.Select((measure, type) => (measure.Index, (long)type))
    .Where(choice => Measures[choice.Item2] is { States: null, Maximum: < double.MaxValue })]);

static readonly Check RuleFields = Fields(
    1,
    ("condition", Condition),
    ("channel_mask", Whole(1, 63)),
    ("action", OneOf(("transmit", 1), ("none", 2), ("transmit_with_ack", 3), ("fast_advertising", 4))),
    ("parameters", new("""{"type": "array", "maxItems": 5}""", (value, name) => new JsonArray()))); // Filled when the condition is known.

static JsonNode Rule(JsonElement value, string name)
{
    var rule = (JsonObject)RuleFields.Take(value, name);
    var condition = (RuleCondition)rule["condition"]!.GetValue<long>();
    if (condition == RuleCondition.Disabled)
    {
        return rule.Count == 1 ? rule : throw new CommandException($"{name} is disabled, and takes nothing but its condition");
    }

    if (!rule.ContainsKey("action") || (condition != RuleCondition.Logic && !rule.ContainsKey("channel_mask")))
    {
        throw new CommandException($"{name} must have an action and a channel_mask");
    }

    value.TryGetProperty("parameters", out var given);
    var parameters = ParametersOf(condition, given, $"{name}.parameters");
    var optional = condition == RuleCondition.OnMeasurement ? 2 : 0;
    if (parameters.Length > 0)
    {
        rule["parameters"] = ListOf(given, $"{name}.parameters", parameters.Length - optional, parameters.Length, i => parameters[i]);
    }

    return parameters.Length > 0 || !rule.ContainsKey("parameters")
        ? rule
        : throw new CommandException($"{name}.parameters must be left out: this condition takes none");
}

static Check[] ParametersOf(RuleCondition condition, JsonElement given, string name)
{
    var rules = Whole(1, 65535);
    var negated = Whole(0, 65535);
    var samples = Whole(1, 10);
    switch (condition)
    {
        case RuleCondition.HighThreshold or RuleCondition.LowThreshold:
            var (lowest, highest) = RangeOf(given, 4, name);
            return [Whole(lowest, highest), Whole(0, highest - lowest), Mode, samples, Comparable];
        case RuleCondition.Differential:
            var (least, most) = RangeOf(given, 3, name);
            return [Whole(1, most - least), Mode, samples, Comparable];
        case RuleCondition.Logic:
            return [OneOf(("and", 1), ("or", 2)), rules, negated, Whole(0, 864_000), Whole(0, 864_000, ("never", 864_001))];
        case RuleCondition.OnMeasurement:
            return [Whole(1, 500), rules, negated];
        default:
            return [];
    }
}

// The raw numbers that a threshold may have follow from the measurement type, which is the last parameter.
static (long Lowest, long Highest) RangeOf(JsonElement parameters, int typeAt, string name)
{
    if (parameters.ValueKind != JsonValueKind.Array || parameters.GetArrayLength() != typeAt + 1)
    {
        throw Refused(name, $"a list of {typeAt + 1}", parameters);
    }

    var measure = Measures[Comparable.Take(parameters[typeAt], $"{name}[{typeAt}]").GetValue<long>()];

    // One channel of a total counts up to its major's limit, but rules take a million for both.
    var maximum = measure.Detail == MajorChannel || measure.Detail == MajorStatus ? 1_000_000 : measure.Maximum;
    return ((long)Math.Round(measure.Minimum * measure.Divisor), (long)Math.Round(maximum * measure.Divisor));
}

// Days, start, end, and the time zone in quarters of an hour: the earth's go from UTC-12 to UTC+14.
static readonly Check WeekParameters = Items(Whole(1, 127), Whole(0, 1439), Whole(0, 1439), Whole(-48, 56));

static readonly Check CalendarFields = Fields(
    1,
    ("type", OneOf(("disabled", 1), ("week", 2))),
    ("rule_mask", Whole(1, 65535)),
    ("parameters", WeekParameters));

static JsonNode Calendar(JsonElement value, string name)
{
    var calendar = (JsonObject)CalendarFields.Take(value, name);
    return ((CalendarType)calendar["type"]!.GetValue<long>(), calendar.Count) switch
    {
        (CalendarType.Week, 3) or (CalendarType.Disabled, 1) => calendar,
        (CalendarType.Week, _) => throw new CommandException($"{name} must have a rule_mask and parameters"),
        _ => throw new CommandException($"{name} is disabled, and takes nothing but its type"),
    };
}

// --------------------------------------------------------------------------------- configuration, as the sensor is told

// What a command would have the sensor told; null when there is no such command.
static ProtoConfig? WishOf(Command command, UplinkRequest? request) => Orders.TryGetValue(command.CommandType, out var order)
    ? JsonParser.Default.Parse<ProtoConfig>(order.Fields((JsonObject)order.Payload.Take(command.Payload, "payload"), request).ToJsonString())
    : null;

// A command that is refused, or not known, is told so when it is the first.
static ProtoConfig? WishIfValid(Command command, UplinkRequest? request)
{
    try
    {
        return WishOf(command, request);
    }
    catch (CommandException)
    {
        return null;
    }
}

// What fits into one datagram on the narrowest ways.
const int LongestAnswer = 1024;

static IEnumerable<string> FieldsIn(ProtoConfig config) => Json(config).Select(field => field.Key);

// The fields that are on the wire, by their names.
static JsonObject Json(ProtoConfig config) => (JsonObject)JsonNode.Parse(ConfigurationFormat.Format(config))!;

// What is behind such a request in the queue had better wait until the sensor is back.
static bool SilencesSensor(ProtoConfig wish) => wish.DisableModemRequest != 0 || wish.UpdateSoftwareRequest || wish.UpdateModemRequest != "";

static JsonNode Update(JsonElement payload, string name)
{
    var settings = new JsonObject();
    foreach (var member in Members(payload, name))
    {
        settings[member.Name] = Settings.TryGetValue(member.Name, out var check)
            ? check.Take(member.Value, $"{name}.{member.Name}")
            : throw new CommandException($"{name}.{member.Name} is unknown: see docs/devices/efento.md for what config_update takes");
    }

    return settings.Count > 0
        ? settings
        : throw new CommandException("payload must have at least one setting, such as {\"transmission_interval\": 3600}");
}

// What config_update takes: the fields of ProtoConfig that a server may send. A sensor leaves a setting as it is when the field
// is missing or 0, so that every check refuses what would be lost on the way.
static readonly Dictionary<string, Check> Settings = new()
{
    ["measurement_period_base"] = Whole(1, 65535),
    ["measurement_period_factor"] = Whole(1, 65535),
    ["transmission_interval"] = Whole(60, 604_800),
    ["ack_interval"] = Whole(180, 2_592_000, ("always", uint.MaxValue)),
    ["transfer_limit"] = Whole(1, 65534, ("off", 65535)),
    ["transfer_limit_timer"] = Whole(1, 65534, ("off", 65535)),
    ["supervision_period"] = Whole(180, 604_800, ("off", uint.MaxValue)),
    ["rules"] = List(1, 16, new(RuleFields.Schema, Rule)),
    ["calendars"] = List(1, 6, new(CalendarFields.Schema, Calendar)),

    ["data_server_ip"] = Text(31),
    ["data_server_port"] = Whole(1, 65535),
    ["update_server_ip"] = Text(31),
    ["update_server_port_udp"] = Whole(1, 65535),
    ["update_server_port_coap"] = Whole(1, 65535),
    ["data_endpoint"] = Text(11),
    ["configuration_endpoint"] = Text(11),
    ["device_info_endpoint"] = Text(11),
    ["time_endpoint"] = Text(11),
    ["extended_configuration_endpoint"] = Text(11),
    ["dns_server_ip"] = List(4, 4, Whole(0, 255)),
    ["dns_ttl_config"] = Whole(1, 864_000, ("as_server_says", 864_001), ("until_failure", 864_002)),

    ["cloud_token_config"] = OneOf(("user", 1), ("imei", 2), ("none", 255)),
    ["cloud_token"] = Base64(SecretText(36)),
    ["cloud_token_coap_option"] = Whole(1, 64_999, ("in_payload", 65_000)),
    ["payload_signature_coap_option"] = Whole(1, 64_999, ("off", 65_000)),
    ["modem_identification_coap_option"] = Whole(1, 64_999, ("off", 65_000)),

    ["apn"] = Text(49),
    ["apn_username"] = Text(31),
    ["apn_password"] = SecretText(31),
    ["plmn_selection"] = Whole(100, 999_999, ("automatic", 1_000_000), ("automatic_old_firmware", uint.MaxValue)),
    ["modem_bands_mask"] = Whole(1, (1 << 19) - 1),
    ["cellular_config_params"] = CountedList(15),
    ["network_search"] = Fields(
        0,
        ("time_schema_last_registration_ok", List(6, 6, Whole(1, 255))),
        ("time_schema_last_registration_not_ok", List(6, 6, Whole(1, 255))),
        ("disable_period_base", Whole(1, 255)),
        ("counter_max", Whole(1, 255))),
    ["network_troubleshooting"] = OneOf(("off", 1), ("on", 2)),

    ["ble_turnoff_time"] = Whole(60, 604_800, ("never", uint.MaxValue)),
    ["ble_tx_power_level"] = Whole(1, 4),
    ["ble_advertising_period"] = Fields(
        1,
        ("mode", OneOf(("default", 1), ("normal", 2), ("fast", 3))),
        ("normal", Whole(32, 16384)),
        ("fast", Whole(32, 16384))),
    ["advertisement_manufacturer_data_format"] = OneOf(("v3", 1), ("v5", 2)),
    ["led_config"] = Items(Whole(1, 120), Whole(1, 120), LightsOff, LightsOff, LightsOff, LightsOff, LightsOff, LightsOff, Whole(4, 200)),
    ["network_key"] = Key,
    ["encryption_key"] = Key,

    ["device_info_request"] = Yes,
    ["update_software_request"] = Yes,
    ["current_time"] = Whole(1, uint.MaxValue),
    ["disable_modem_request"] = Whole(60, 604_800),
    ["configuration_request"] = Yes,
    ["accept_without_testing_request"] = Yes,
    ["reset_memory_request"] = Yes,
    ["clear_runtime_errors_request"] = Yes,
    ["update_modem_request"] = Text(48),
    ["calibration_parameters_request"] = Fields(
        1,
        ("calibration_request", Whole(1, 6)),
        ("channel_assignment", Whole(1, uint.MaxValue)),
        ("parameters", List(1, 8, Whole(int.MinValue, int.MaxValue)))),
    ["set_output_control_state_request"] = List(1, 3, Fields(
        2,
        ("channel_index", Whole(0, 5)),
        ("channel_state", OneOf(("off", 1), ("on", 2))))),
    ["extended_configuration_request"] = Yes,
    ["restart_memory_stats_request"] = Yes,
    ["data_transfer_start_timestamp_request"] = Whole(1, uint.MaxValue),
    ["nvm_status"] = OneOf(("clear", 127)),
};

// A command that the sensor understands: what its payload must be, and the fields of ProtoConfig that say it.
sealed record Order(string Description, string Example, Check Payload, Func<JsonObject, UplinkRequest?, JsonObject> Fields);

static readonly Dictionary<string, Order> Orders = new()
{
    ["config_update"] = new(
        "Changes settings, and asks for things. All members are optional; what is not there stays as it is.",
        """{"transmission_interval": 3600, "ack_interval": "always", "device_info_request": true}""",
        new($$"""{"type": "object", "minProperties": 1, "additionalProperties": false, "properties": {{ObjectOf(Settings)}}}""", Update),
        (settings, _) => settings),
    ["time_sync"] = new(
        "Sets the clock to the time of the answer.",
        "{}",
        Whatever,
        (_, request) => new() { ["current_time"] = (uint)(request?.ReceivedAt ?? TimeOfDryRun).ToUnixTimeSeconds() }),
    ["request_device_info"] = Request("Asks for the sensor's state: it posts to the device info endpoint.", "device_info_request"),
    ["request_configuration"] = Request("Asks for the configuration: the sensor posts to the configuration endpoint.", "configuration_request"),
    ["reset_memory"] = Request("Erases all measurements that the sensor keeps.", "reset_memory_request"),
    ["clear_runtime_errors"] = Request("Empties the list of errors in the device info.", "clear_runtime_errors_request"),
    ["update_software"] = Request("Tells the sensor to fetch new firmware from its update server.", "update_software_request"),
    ["update_modem"] = new(
        "Tells the modem to fetch new firmware.",
        """{"url": "http://example.com/bc660.bin"}""",
        Fields(1, ("url", Text(48))),
        (payload, _) => Renamed(payload, "url", "update_modem_request")),
    ["disable_modem"] = new(
        "Switches the modem off for a time: until then the sensor can't be reached.",
        """{"seconds": 3600}""",
        Fields(1, ("seconds", Whole(60, 604_800))),
        (payload, _) => Renamed(payload, "seconds", "disable_modem_request")),
    ["set_outputs"] = new(
        "Switches outputs on and off. Channels are counted from 1, as in the readings.",
        """{"outputs": [{"channel": 1, "state": "on"}]}""",
        Fields(1, ("outputs", List(1, 3, Fields(2, ("channel", Whole(1, 6)), ("state", OneOf(("off", 1), ("on", 2))))))),
        (payload, _) => new() { ["set_output_control_state_request"] = new JsonArray([.. payload["outputs"]!.AsArray().Select(OutputOf)]) }),
    ["resend_from"] = new(
        "Sends again what was measured since then; what is older counts as sent.",
        """{"since": "2026-11-01T00:00:00Z"}""",
        Fields(1, ("since", Instant)),
        (payload, _) => Renamed(payload, "since", "data_transfer_start_timestamp_request")),
};

static Order Request(string description, string field) => new(description, "{}", Nothing, (_, _) => new() { [field] = true });

static JsonObject Renamed(JsonObject payload, string member, string field)
{
    var value = payload[member];
    payload.Remove(member);
    return new JsonObject { [field] = value };
}

static JsonNode OutputOf(JsonNode? output) => new JsonObject
{
    ["channel_index"] = output!["channel"]!.GetValue<long>() - 1,
    ["channel_state"] = output["state"]!.GetValue<long>(),
};

// ------------------------------------------------------------------------------------------- what became of a command

// What a server asks for; all other fields are settings, which the sensor reports.
static readonly HashSet<string> Requests =
[
    "device_info_request", "update_software_request", "current_time", "disable_modem_request", "configuration_request",
    "accept_without_testing_request", "reset_memory_request", "clear_runtime_errors_request", "update_modem_request",
    "calibration_parameters_request", "set_output_control_state_request", "extended_configuration_request",
    "restart_memory_stats_request", "data_transfer_start_timestamp_request", "nvm_status",
];

static List<KeyValuePair<string, JsonNode?>> SettingsIn(ProtoConfig wish) => [.. Json(wish).Where(field => !Requests.Contains(field.Key))];

static bool IsRequestOnly(ProtoConfig wish) => SettingsIn(wish).Count == 0;

// A sensor's clock may be a little behind the gateway's.
static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(1);

// The sensor tells its configuration, all of it or a part: what was wished for is there, or was refused, or is not in this part.
static CommandEvidence EvidenceIn(ProtoConfig reported, Command command, ProtoConfig wish)
{
    if (IsRequestOnly(wish))
    {
        return wish.ConfigurationRequest ? CommandEvidence.Applied : CommandEvidence.Unknown;
    }

    if (reported.ConfigurationErrors.Count > 0 && IsAfter(reported.ConfigurationErrorTimestamp, command))
    {
        return CommandEvidence.Rejected($"the sensor reports configuration errors: {string.Join(", ", reported.ConfigurationErrors)}");
    }

    var told = Json(reported);
    return SettingsIn(wish).All(field => Agree(field.Key, field.Value!, told[field.Key])) ? CommandEvidence.Applied : CommandEvidence.Unknown;
}

// Firmware before 06.02 does not say when.
static bool IsAfter(uint timestamp, Command command) =>
    timestamp == 0 || command.LastSent is not { } sent || DateTimeOffset.FromUnixTimeSeconds(timestamp) >= sent.At - ClockTolerance;

static bool Agree(string field, JsonNode wanted, JsonNode? told) => field switch
{
    _ when told is null => false,
    "network_key" or "encryption_key" => IsTraceOf(Convert.FromBase64String(wanted.GetValue<string>()), Convert.FromBase64String(told.GetValue<string>())),

    // A place in these has a meaning, and a sensor may tell of more places than a command names.
    "rules" or "calendars" or "led_config" or "cellular_config_params" =>
        wanted.AsArray().Count <= told.AsArray().Count && wanted.AsArray().Zip(told.AsArray()).All(place => TextOf(place.First) == TextOf(place.Second)),
    _ => TextOf(wanted) == TextOf(told),
};

static string TextOf(JsonNode? node) => node!.ToJsonString();

// A key comes back as the last two bytes of its SHA-256, and no key as it was sent.
static bool IsTraceOf(byte[] key, byte[] told) => told.SequenceEqual(key) || (told.Length == 2 && told.SequenceEqual(Checksum.Sha256(key)[^2..]));

static CommandEvidence EvidenceIn(ProtoMeasurements message, Command command, ProtoConfig wish, DeviceConfig config)
{
    if (RetriesOf(message) > 0)
    {
        return CommandEvidence.Unknown;
    }

    if (!IsRequestOnly(wish))
    {
        return HashBefore(command, config) is { } before && message.ConfigurationHash != 0 && message.ConfigurationHash != before
            ? CommandEvidence.Applied
            : CommandEvidence.Unknown;
    }

    // These bring a message of their own.
    if (wish.DeviceInfoRequest || wish.ConfigurationRequest || wish.ExtendedConfigurationRequest || wish.CalibrationParametersRequest is not null)
    {
        return CommandEvidence.Unknown;
    }

    // No attempt has failed since, so the sensor has had the answer; of other requests it tells no more than that.
    return wish.SetOutputControlStateRequest.All(output => Shows(message, output)) ? CommandEvidence.Applied : CommandEvidence.Unknown;
}

// The configuration's hash in the message whose answer brought the command, if there was one in it.
static uint? HashBefore(Command command, DeviceConfig config)
{
    if (command.LastSent is not { Payload.IsEmpty: false } sent)
    {
        return null;
    }

    var hash = EndpointOf(sent.Path, config) switch
    {
        "data_endpoint" => ProtoMeasurements.Parser.ParseFrom(sent.Payload.Span).ConfigurationHash,
        "configuration_endpoint" => ProtoConfig.Parser.ParseFrom(sent.Payload.Span).ConfigurationHash,
        _ => 0u,
    };
    return hash == 0 ? null : hash;
}

// The last sample of an output's channel is the state that it has.
static bool Shows(ProtoMeasurements message, ProtoOutputControlState output) =>
    output.ChannelIndex < message.Channels.Count
    && message.Channels[(int)output.ChannelIndex] is { Type: MeasurementType.OutputControl, SampleOffsets: { Count: > 0 } offsets }
    && offsets[^1] > 0 == (output.ChannelState == 2);

// ---------------------------------------------------------------------------------------- checks of a command's payload

// Looks at one member of a command's payload, and gives the JSON that protobuf's own parser takes for the field of that name.
// The JSON schema is for forms and for a first look; a check may be stricter.
sealed record Check(string Schema, Func<JsonElement, string, JsonNode> Take);

static string ObjectOf(IEnumerable<KeyValuePair<string, Check>> members) =>
    $$"""{{{string.Join(", ", members.Select(member => $"\"{member.Key}\": {member.Value.Schema}"))}}}""";

// An object's members; null counts as missing.
static IEnumerable<JsonProperty> Members(JsonElement value, string name) => value.ValueKind == JsonValueKind.Object
    ? value.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null)
    : throw new CommandException($"{name} must be an object");

static CommandException Refused(string name, string expected, JsonElement value) =>
    new($"{name} must be {expected}, not {(value.ValueKind == JsonValueKind.Undefined ? "missing" : value.GetRawText())}");

// A whole number from minimum to maximum, or one of the special ones, which may be given by their names as well.
static Check Whole(long minimum, long maximum, params (string Name, long Number)[] special)
{
    var choices = special.Select(choice => $"\"{choice.Name}\" ({choice.Number})");
    var expected = string.Join(" or ", minimum <= maximum ? choices.Prepend($"a whole number from {minimum} to {maximum}") : choices);
    return new(SchemaOfWhole(minimum, maximum, special), (value, name) =>
    {
        foreach (var choice in special)
        {
            if (value.ValueKind == JsonValueKind.String && value.ValueEquals(choice.Name))
            {
                return choice.Number;
            }
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            && ((number >= minimum && number <= maximum) || special.Any(choice => choice.Number == number))
            ? number
            : throw Refused(name, expected, value);
    });
}

static string SchemaOfWhole(long minimum, long maximum, (string Name, long Number)[] special)
{
    var range = $$"""{"type": "integer", "minimum": {{minimum}}, "maximum": {{maximum}}}""";
    var choices = $$"""{"enum": [{{string.Join(", ", special.Select(choice => $"\"{choice.Name}\", {choice.Number}"))}}]}""";
    return special.Length == 0 ? range : minimum > maximum ? choices : $$"""{"anyOf": [{{range}}, {{choices}}]}""";
}

static Check OneOf(params (string Name, long Number)[] choices) => Whole(1, 0, choices);

static Check Yes => new(
    """{"const": true}""", (value, name) => value.ValueKind == JsonValueKind.True ? true : throw Refused(name, "true", value));

static Check LightsOff => Whole(0, 240, ("never", 255));

// The sensor keeps so many bytes of a text.
static Check Text(int bytes) => new(
    SchemaOfText(bytes), (value, name) => TextOf(value, bytes) ?? throw Refused(name, $"a text of 1 to {bytes} bytes", value));

// The same for what must not be repeated in a message.
static Check SecretText(int bytes) => new(
    SchemaOfText(bytes), (value, name) => TextOf(value, bytes) ?? throw new CommandException($"{name} must be a text of 1 to {bytes} bytes"));

static string SchemaOfText(int bytes) => $$"""{"type": "string", "minLength": 1, "maxLength": {{bytes}}}""";

static string? TextOf(JsonElement value, int bytes) =>
    value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text && Encoding.UTF8.GetByteCount(text) <= bytes
        ? text
        : null;

// Protobuf's JSON has bytes as base64.
static Check Base64(Check text) => new(
    text.Schema, (value, name) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text.Take(value, name).GetValue<string>())));

static Check Key => new("""{"type": "string", "pattern": "^([0-9A-Fa-f]{2}){1,16}$"}""", (value, name) =>
    TextOf(value, 32) is { } digits && digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit)
        ? Convert.ToBase64String(Convert.FromHexString(digits))
        : throw new CommandException($"{name} must be 1 to 16 bytes in hexadecimal digits; 7f takes the key away"));

static Check List(int minimum, int maximum, Check item) => new(
    $$"""{"type": "array", "minItems": {{minimum}}, "maxItems": {{maximum}}, "items": {{item.Schema}}}""",
    (value, name) => ListOf(value, name, minimum, maximum, _ => item));

static Check Items(params Check[] items) => new(
    $$"""
    {"type": "array", "minItems": {{items.Length}}, "maxItems": {{items.Length}}, "prefixItems": [{{string.Join(", ", items.Select(item => item.Schema))}}]}
    """,
    (value, name) => ListOf(value, name, items.Length, items.Length, i => items[i]));

static Check CountedList(int maximum)
{
    var number = Whole(0, uint.MaxValue);
    return new(List(2, maximum + 1, number).Schema, (value, name) =>
    {
        var list = ListOf(value, name, 2, maximum + 1, _ => number);
        Whole(1, list.Count - 1).Take(value[0], $"{name}[0]");
        return list;
    });
}

static JsonArray ListOf(JsonElement value, string name, int minimum, int maximum, Func<int, Check> item)
{
    if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() < minimum || value.GetArrayLength() > maximum)
    {
        throw Refused(name, minimum == maximum ? $"a list of {minimum}" : $"a list of {minimum} to {maximum}", value);
    }

    return [.. value.EnumerateArray().Select((element, i) => item(i).Take(element, $"{name}[{i}]"))];
}

// Seconds since 1970, or an instant of ISO 8601 that says its offset from UTC.
static Check Instant => new(
    """{"anyOf": [{"type": "integer", "minimum": 1, "maximum": 4294967295}, {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})$"}]}""",
    (value, name) => SecondsOf(value) is >= 1 and <= uint.MaxValue and var seconds
        ? seconds
        : throw Refused(name, "seconds since 1970 or an instant such as \"2026-11-01T00:00:00Z\"", value));

static long? SecondsOf(JsonElement value) => value.ValueKind switch
{
    JsonValueKind.Number when value.TryGetInt64(out var seconds) => seconds,
    JsonValueKind.String when value.TryGetDateTimeOffset(out var instant) => instant.ToUnixTimeSeconds(),
    _ => null,
};

// A payload without members, and one that nobody looks at.
static Check Nothing => new("""{"type": "object", "maxProperties": 0}""", (value, name) => Members(value, name).Any()
    ? throw new CommandException($"{name} must be empty: the command takes no arguments")
    : new JsonObject());

static Check Whatever => new("""{"type": "object"}""", (_, _) => new JsonObject());

// An object with these members, of which the first ones must be there.
static Check Fields(int required, params (string Name, Check Check)[] fields)
{
    var members = ObjectOf(fields.Select(field => KeyValuePair.Create(field.Name, field.Check)));
    var needed = string.Join(", ", fields.Take(required).Select(field => $"\"{field.Name}\""));
    return new(
        $$"""{"type": "object", "minProperties": 1, "additionalProperties": false, "required": [{{needed}}], "properties": {{members}}}""",
        (value, name) => Message(value, name, required, fields));
}

static JsonObject Message(JsonElement value, string name, int required, (string Name, Check Check)[] fields)
{
    var message = new JsonObject();
    foreach (var member in Members(value, name))
    {
        var check = fields.FirstOrDefault(field => field.Name == member.Name).Check
            ?? throw new CommandException(
                $"{name}.{member.Name} is unknown: there are {string.Join(", ", fields.Select(field => field.Name))}");
        message[member.Name] = check.Take(member.Value, $"{name}.{member.Name}");
    }

    return fields.Take(required).FirstOrDefault(field => !message.ContainsKey(field.Name)).Name is { } missing
        ? throw new CommandException($"{name}.{missing} is missing")
        : message.Count > 0 ? message : throw new CommandException($"{name} is empty");
}
