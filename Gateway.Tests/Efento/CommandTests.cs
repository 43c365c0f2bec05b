using Gateway.Protos.Efento;
using Gateway.Scripting.Contract;
using static Gateway.Tests.Efento.EfentoSensor;

namespace Gateway.Tests.Efento;

/// <summary>What a sensor can be told, and what is refused before it could be told.</summary>
internal sealed class CommandTests
{
    // What the sensor says, and the server does not.
    public static readonly string[] Up =
    [
        "serial_number", "channel_types", "configuration_errors", "configuration_error_timestamp", "configuration_hash",
        "configuration_hash_timestamp", "payload_split_info",
    ];

    private static IEnumerable<string> Fields => ProtoConfig.Descriptor.Fields.InDeclarationOrder().Select(entry => entry.Name);

    [TestCaseSource(nameof(Fields))]
    public void A_field_is_known_if_a_server_may_send_it(string field)
    {
        var message = Assert.Throws<CommandException>(() => ConfigUpdate($$"""{"{{field}}": [{}]}"""))!.Message;

        Assert.That(message.Contains("is unknown", StringComparison.Ordinal), Is.EqualTo(Up.Contains(field)), message);
    }

    [TestCase("measurement_period_base", 1, 65535)]
    [TestCase("measurement_period_factor", 1, 65535)]
    [TestCase("transmission_interval", 60, 604_800)]
    [TestCase("ack_interval", 180, 2_592_000, "always", 4_294_967_295)]
    [TestCase("transfer_limit", 1, 65535)]
    [TestCase("transfer_limit", 1, 65535, "off", 65535)]
    [TestCase("transfer_limit_timer", 1, 65535, "off", 65535)]
    [TestCase("supervision_period", 180, 604_800, "off", 4_294_967_295)]
    [TestCase("data_server_port", 1, 65535)]
    [TestCase("update_server_port_udp", 1, 65535)]
    [TestCase("update_server_port_coap", 1, 65535)]
    [TestCase("dns_ttl_config", 1, 864_002, "as_server_says", 864_001)]
    [TestCase("dns_ttl_config", 1, 864_002, "until_failure", 864_002)]
    [TestCase("cloud_token_config", 1, 2, "none", 255)]
    [TestCase("plmn_selection", 100, 1_000_000, "automatic", 1_000_000)]
    [TestCase("plmn_selection", 100, 1_000_000, "automatic_old_firmware", 4_294_967_295)]
    [TestCase("modem_bands_mask", 1, 524_287)]
    [TestCase("network_troubleshooting", 1, 2, "on", 2)]
    [TestCase("ble_turnoff_time", 60, 604_800, "never", 4_294_967_295)]
    [TestCase("ble_tx_power_level", 1, 4)]
    [TestCase("advertisement_manufacturer_data_format", 1, 2, "v5", 2)]
    [TestCase("current_time", 1, 4_294_967_295)]
    [TestCase("disable_modem_request", 60, 604_800)]
    [TestCase("data_transfer_start_timestamp_request", 1, 4_294_967_295)]
    [TestCase("nvm_status", 127, 127, "clear", 127)]
    public void A_number_keeps_within_its_range(string setting, long minimum, long maximum, string? name = null, long special = 0)
    {
        Assert.That(Sent(setting, minimum), Is.EqualTo(minimum));
        Assert.That(Sent(setting, maximum), Is.EqualTo(maximum));
        Assert.That(
            () => Sent(setting, minimum - 1), Throws.TypeOf<CommandException>().With.Message.StartsWith($"payload.{setting} must be "));
        Assert.That(() => Sent(setting, maximum + 1), Throws.TypeOf<CommandException>().With.Message.EndsWith($", not {maximum + 1}"));
        if (name is not null)
        {
            Assert.That((Sent(setting, $"\"{name}\""), Sent(setting, special)), Is.EqualTo((special, special)));
        }
    }

    [TestCase("cloud_token_coap_option", "in_payload")]
    [TestCase("payload_signature_coap_option", "off")]
    [TestCase("modem_identification_coap_option", "off")]
    public void An_option_is_a_number_below_65000_or_65000_for_none(string setting, string none)
    {
        Assert.That((Sent(setting, 1), Sent(setting, 64_999), Sent(setting, 65_000)), Is.EqualTo((1, 64_999, 65_000)));
        Assert.That(Sent(setting, $"\"{none}\""), Is.EqualTo(65_000));
        Assert.That(() => Sent(setting, 65_001), Throws.TypeOf<CommandException>());
    }

    [Test]
    public void What_is_wrong_is_said_with_what_is_expected() =>
        Assert.That(
            () => ConfigUpdate("""{"transmission_interval": 5}"""),
            Throws.TypeOf<CommandException>().With.Message.EqualTo(
                "payload.transmission_interval must be a whole number from 60 to 604800, not 5"));

    [TestCase("""{"transmission_interval": "soon"}""", "payload.transmission_interval")]
    [TestCase("""{"transmission_interval": 60.5}""", "payload.transmission_interval")]
    [TestCase("""{"transmission_interval": true}""", "payload.transmission_interval")]
    [TestCase("""{"ack_interval": "sometimes"}""", "\"always\" (4294967295)")]
    [TestCase("""{"device_info_request": false}""", "must be true")]
    [TestCase("""{"data_endpoint": ""}""", "1 to 11 bytes")]
    [TestCase("""{"data_endpoint": "measurements"}""", "1 to 11 bytes")]
    [TestCase("""{"data_server_ip": "gateways.are.somewhere.example.com"}""", "1 to 31 bytes")]
    [TestCase("""{"apn": "ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ"}""", "1 to 49 bytes")]
    [TestCase("""{"dns_server_ip": [8, 8, 8]}""", "a list of 4")]
    [TestCase("""{"dns_server_ip": [8, 8, 8, 256]}""", "payload.dns_server_ip[3]")]
    [TestCase("""{"led_config": [1, 1, 5, 5, 5, 255, 255, 0]}""", "a list of 9")]
    [TestCase("""{"led_config": [1, 1, 5, 5, 5, 241, 255, 0, 10]}""", "payload.led_config[5]")]
    [TestCase("""{"cellular_config_params": [3, 1, 2]}""", "payload.cellular_config_params[0]")]
    [TestCase("""{"network_search": {}}""", "payload.network_search is empty")]
    [TestCase("""{"network_search": {"counter": 1}}""", "payload.network_search.counter is unknown")]
    [TestCase("""{"network_search": {"time_schema_last_registration_ok": [1, 2, 3, 4, 5]}}""", "a list of 6")]
    [TestCase("""{"ble_advertising_period": {"normal": 32}}""", "payload.ble_advertising_period.mode is missing")]
    [TestCase("""{"ble_advertising_period": {"mode": 2, "normal": 31}}""", "payload.ble_advertising_period.normal")]
    [TestCase("""{"set_output_control_state_request": [{"channel_index": 6, "channel_state": 1}]}""", "request[0].channel_index")]
    [TestCase("""{"set_output_control_state_request": [{"channel_index": 0}]}""", "channel_state is missing")]
    [TestCase("""{"calibration_parameters_request": {"calibration_request": 7}}""", "calibration_request")]
    [TestCase("""{"network_key": "7"}""", "hexadecimal")]
    [TestCase("""{"network_key": "0011223344556677889900112233445566"}""", "1 to 16 bytes")]
    [TestCase("""{"colour": "red"}""", "payload.colour is unknown")]
    [TestCase("""{"configuration_hash": 1}""", "payload.configuration_hash is unknown")]
    [TestCase("""{}""", "payload must have at least one setting")]
    [TestCase("""{"apn": null}""", "payload must have at least one setting")]
    [TestCase("""[1]""", "payload must be an object")]
    public void What_no_sensor_takes_is_refused(string payload, string message) =>
        Assert.That(() => ConfigUpdate(payload), Throws.TypeOf<CommandException>().With.Message.Contains(message));

    [TestCase("""{"network_key": "s3cret"}""")]
    [TestCase("""{"apn_password": ["s3cret"]}""")]
    [TestCase("""{"cloud_token": "s3cret that is longer than what a sensor can keep"}""")]
    public void A_secret_is_not_repeated_in_a_message(string payload) =>
        Assert.That(() => ConfigUpdate(payload), Throws.TypeOf<CommandException>().With.Message.Not.Contains("s3cret"));

    [Test]
    public void A_key_is_given_in_hexadecimal_digits() =>
        Assert.That(
            Configured("""{"network_key": "00112233445566778899AABBCCDDEEFF", "encryption_key": "7f"}"""),
            Is.EqualTo(new ProtoConfig
            {
                NetworkKey = Google.Protobuf.ByteString.CopyFrom(Convert.FromHexString("00112233445566778899AABBCCDDEEFF")),
                EncryptionKey = Google.Protobuf.ByteString.CopyFrom(0x7F),
            }));

    [Test]
    public void Texts_and_requests_arrive_as_they_are_given()
    {
        var config = Configured("""
            {
              "apn": "\u007f", "apn_username": "me", "apn_password": "mine", "cloud_token": "tök", "update_modem_request": "http://x/y",
              "set_output_control_state_request": [{"channel_index": 0, "channel_state": "on"}, {"channel_index": 5, "channel_state": 1}],
              "ble_advertising_period": {"mode": "fast", "fast": 32},
              "calibration_parameters_request": {"calibration_request": 1, "channel_assignment": 57, "parameters": [0, -5, 10]},
              "cellular_config_params": [2, 7, 0], "device_info_request": true, "dns_server_ip": [255, 255, 255, 255]
            }
            """);

        Assert.That((config.Apn, config.ApnUsername, config.ApnPassword), Is.EqualTo(("\x7F", "me", "mine")));
        Assert.That(config.CloudToken.ToStringUtf8(), Is.EqualTo("tök"));
        Assert.That(
            config.SetOutputControlStateRequest.Select(output => (output.ChannelIndex, output.ChannelState)),
            Is.EqualTo([(0u, 2u), (5u, 1u)]));
        Assert.That(
            config.BleAdvertisingPeriod,
            Is.EqualTo(new ProtoBleAdvertisingPeriod { Mode = BleAdvertisingPeriodMode.Fast, Fast = 32 }));
        Assert.That(config.CalibrationParametersRequest.Parameters, Is.EqualTo([0, -5, 10]));
        Assert.That(config.CellularConfigParams, Is.EqualTo([2, 7, 0]));
        Assert.That(config.DeviceInfoRequest, Is.True);
    }

    [TestCase("""{"condition": "disabled"}""", "{ \"condition\": 1 }")]
    [TestCase(
        """{"channel_mask": 1, "condition": "low_threshold", "parameters": [-180, 0, "moving_average", 3, "TEMPERATURE"], "action": 1}""",
        "{ \"channelMask\": 1, \"condition\": 3, \"parameters\": [ -180, 0, 1, 3, 1 ], \"action\": 1 }")]
    [TestCase(
        """{"channel_mask": 3, "condition": 4, "parameters": [42732, 3, 10, 1], "action": 3}""",
        "{ \"channelMask\": 3, \"condition\": 4, \"parameters\": [ 42732, 3, 10, 1 ], \"action\": 3 }")]
    [TestCase(
        """{"channel_mask": 1, "condition": "state_change", "action": "fast_advertising"}""",
        "{ \"channelMask\": 1, \"condition\": 5, \"action\": 4 }")]
    [TestCase(
        """{"condition": "logic", "parameters": ["and", 3, 1, 0, "never"], "action": "transmit_with_ack"}""",
        "{ \"condition\": 6, \"parameters\": [ 1, 3, 1, 0, 864001 ], \"action\": 3 }")]
    [TestCase(
        """{"channel_mask": 32, "condition": "on_measurement", "parameters": [10], "action": "transmit"}""",
        "{ \"channelMask\": 32, \"condition\": 7, \"parameters\": [ 10 ], \"action\": 1 }")]
    [TestCase(
        """{"channel_mask": 1, "condition": "high_threshold", "parameters": [1000000, 0, 3, 1, "PULSE_CNT_ACC_MINOR"], "action": "none"}""",
        "{ \"channelMask\": 1, \"condition\": 2, \"parameters\": [ 1000000, 0, 3, 1, 35 ], \"action\": 2 }")]
    public void A_rule_may_speak_in_words_or_in_numbers(string rule, string sent)
    {
        var config = Configured($$"""{"rules": [{{rule}}]}""");
        var json = new Google.Protobuf.JsonFormatter(Google.Protobuf.JsonFormatter.Settings.Default.WithFormatEnumsAsIntegers(true));

        Assert.That(json.Format(config.Rules.Single()), Is.EqualTo(sent));
    }

    [TestCase("""{"channel_mask": 1, "action": 1}""", "condition is missing")]
    [TestCase("""{"condition": "disabled", "action": 1}""", "takes nothing but its condition")]
    [TestCase("""{"condition": 5, "action": 1}""", "an action and a channel_mask")]
    [TestCase("""{"condition": 5, "channel_mask": 1}""", "an action and a channel_mask")]
    [TestCase("""{"condition": 9, "channel_mask": 1, "action": 1}""", "payload.rules[0].condition")]
    [TestCase("""{"condition": 5, "channel_mask": 64, "action": 1}""", "payload.rules[0].channel_mask")]
    [TestCase("""{"condition": 5, "channel_mask": 1, "action": 1, "parameters": [1]}""", "payload.rules[0].parameters must be left out")]
    [TestCase("""{"condition": 7, "channel_mask": 1, "action": 1, "parameters": [1, 1, 1, 1]}""", "a list of 1 to 3")]
    [TestCase("""{"condition": 2, "channel_mask": 1, "action": 1}""", "a list of 5, not missing")]
    [TestCase("""{"condition": 2, "channel_mask": 1, "action": 1, "parameters": [40001, 0, 1, 1, 1]}""", "from -2732 to 40000")]
    [TestCase("""{"condition": 2, "channel_mask": 1, "action": 1, "parameters": [0, 42733, 1, 1, 1]}""", "from 0 to 42732")]
    [TestCase("""{"condition": 4, "channel_mask": 1, "action": 1, "parameters": [19991, 1, 1, 3]}""", "from 1 to 19990")]
    [TestCase("""{"condition": 2, "channel_mask": 1, "action": 1, "parameters": [0, 0, 4, 1, 1]}""", "parameters[2]")]
    [TestCase("""{"condition": 2, "channel_mask": 1, "action": 1, "parameters": [0, 0, 1, 11, 1]}""", "parameters[3]")]
    [TestCase("""{"condition": 2, "channel_mask": 1, "action": 1, "parameters": [0, 0, 1, 1, "OK_ALARM"]}""", "parameters[4]")]
    [TestCase("""{"condition": 2, "channel_mask": 1, "action": 1, "parameters": [0, 0, 1, 1, 31]}""", "parameters[4]")]
    [TestCase("""{"condition": 6, "action": 2, "parameters": [3, 1, 0, 0, 0]}""", "\"and\" (1) or \"or\" (2)")]
    [TestCase("""{"condition": 6, "action": 2, "parameters": [1, 1, 0, 864001, 0]}""", "parameters[3]")]
    [TestCase("""{"condition": 7, "channel_mask": 1, "action": 1, "parameters": [501]}""", "from 1 to 500")]
    public void A_rule_that_no_sensor_takes_is_refused(string rule, string message) =>
        Assert.That(() => ConfigUpdate($$"""{"rules": [{{rule}}]}"""), Throws.TypeOf<CommandException>().With.Message.Contains(message));

    [TestCase("""{"type": "disabled", "rule_mask": 1}""", "takes nothing but its type")]
    [TestCase("""{"type": "week", "rule_mask": 1}""", "a rule_mask and parameters")]
    [TestCase("""{"rule_mask": 1, "parameters": [62, 480, 1020, 4]}""", "type is missing")]
    [TestCase("""{"type": 2, "rule_mask": 1, "parameters": [128, 480, 1020, 4]}""", "parameters[0]")]
    [TestCase("""{"type": 2, "rule_mask": 1, "parameters": [62, 480, 1440, 4]}""", "parameters[2]")]
    [TestCase("""{"type": 2, "rule_mask": 1, "parameters": [62, 480, 1020, 57]}""", "parameters[3]")]
    public void A_calendar_that_no_sensor_takes_is_refused(string calendar, string message) =>
        Assert.That(
            () => ConfigUpdate($$"""{"calendars": [{{calendar}}]}"""), Throws.TypeOf<CommandException>().With.Message.Contains(message));

    [Test]
    public void The_clock_is_set_to_the_time_of_the_answer() =>
        Assert.That(
            Script.FormatCommand(Command("time_sync"), Config, Request("/m")), Is.EqualTo(Convert.FromHexString("4094affefd05")));

    [Test]
    public void The_clock_can_be_tried_without_a_request() =>
        Assert.That(Script.FormatCommand(Command("time_sync"), Config, null), Is.Not.Null.And.Not.Empty);

    [TestCase("request_device_info", "{}", "device_info_request", "true")]
    [TestCase("request_configuration", "{}", "configuration_request", "true")]
    [TestCase("reset_memory", "{}", "reset_memory_request", "true")]
    [TestCase("clear_runtime_errors", "{}", "clear_runtime_errors_request", "true")]
    [TestCase("update_software", "{}", "update_software_request", "true")]
    [TestCase("update_modem", """{"url": "http://x/y"}""", "update_modem_request", "\"http://x/y\"")]
    [TestCase("disable_modem", """{"seconds": 3600}""", "disable_modem_request", "3600")]
    [TestCase("resend_from", """{"since": 1790000000}""", "data_transfer_start_timestamp_request", "1790000000")]
    [TestCase("resend_from", """{"since": "2026-09-21T16:13:20+02:00"}""", "data_transfer_start_timestamp_request", "1790000000")]
    [TestCase(
        "set_outputs", """{"outputs": [{"channel": 1, "state": "on"}, {"channel": 6, "state": 1}]}""", "set_output_control_state_request",
        """[{"channel_index": 0, "channel_state": "on"}, {"channel_index": 5, "channel_state": "off"}]""")]
    public void A_command_of_its_own_says_the_same_as_config_update(string type, string payload, string field, string value) =>
        Assert.That(Script.FormatCommand(Command(type, payload), Config, Request("/m")), Is.EqualTo(ConfigUpdate($$"""{"{{field}}": {{value}}}""")));

    [TestCase("request_device_info", """{"now": true}""", "payload must be empty")]
    [TestCase("update_modem", "{}", "payload.url is missing")]
    [TestCase("update_modem", """{"url": "http://a.very.long.name.example.com/a/very/long/path"}""", "payload.url must be a text of 1 to 48 bytes")]
    [TestCase("disable_modem", """{"seconds": 59}""", "payload.seconds must be a whole number from 60 to 604800, not 59")]
    [TestCase("resend_from", """{"since": "yesterday"}""", "payload.since must be seconds since 1970 or an instant")]
    [TestCase("resend_from", """{"since": 0}""", "payload.since must be")]
    [TestCase("set_outputs", """{"outputs": []}""", "payload.outputs must be a list of 1 to 3")]
    [TestCase("set_outputs", """{"outputs": [{"channel": 0, "state": "on"}]}""", "payload.outputs[0].channel must be a whole number from 1 to 6, not 0")]
    [TestCase("set_outputs", """{"outputs": [{"channel": 1, "state": "up"}]}""", "payload.outputs[0].state must be \"off\" (1) or \"on\" (2)")]
    [TestCase("set_outputs", """{"outputs": [{"channel": 1}]}""", "payload.outputs[0].state is missing")]
    public void A_command_of_its_own_keeps_within_its_ranges(string type, string payload, string message) =>
        Assert.That(() => Script.FormatCommand(Command(type, payload), Config, null), Throws.TypeOf<CommandException>().With.Message.Contains(message));

    [Test]
    public void Other_commands_are_not_known() => Assert.That(Script.FormatCommand(Command("reboot"), Config, null), Is.Null);

    private static ProtoConfig Configured(string payload) => ProtoConfig.Parser.ParseFrom(ConfigUpdate(payload));

    private static long Sent(string setting, object value)
    {
        var config = Configured($$"""{"{{setting}}": {{value}}}""");
        return Convert.ToInt64(ProtoConfig.Descriptor.FindFieldByName(setting).Accessor.GetValue(config), null);
    }
}
