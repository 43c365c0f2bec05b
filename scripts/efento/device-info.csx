// What an Efento sensor posts to its device info endpoint: all of it as metadata of one reading, and readings of what is worth a chart.
using Gateway.Protos.Efento;

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
