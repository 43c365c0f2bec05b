// What an Efento sensor can be told.
using Gateway.Protos.Efento;

static byte[] ConfigUpdate(JsonElement payload)
{
    var settings = new JsonObject();
    foreach (var member in Members(payload, "payload"))
    {
        settings[member.Name] = Settings.TryGetValue(member.Name, out var check)
            ? check(member.Value, $"payload.{member.Name}")
            : throw new CommandException($"payload.{member.Name} is unknown: see docs/devices/efento.md for what config_update takes");
    }

    return settings.Count > 0
        ? JsonParser.Default.Parse<ProtoConfig>(settings.ToJsonString()).ToByteArray()
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
    ["rules"] = List(1, 16, Rule),
    ["calendars"] = List(1, 6, Calendar),

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
