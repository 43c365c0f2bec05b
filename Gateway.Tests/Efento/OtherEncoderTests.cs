using System.Text.Json.Nodes;
using Gateway.Protos.Efento;
using Google.Protobuf;
using static Gateway.Tests.Efento.EfentoSensor;

namespace Gateway.Tests.Efento;

/// <summary>The script's messages and those of another implementation of protobuf are the same, both ways.</summary>
internal sealed class OtherEncoderTests
{
    private const int Fillings = 5;

    // As the script reads a configuration, and Python writes it.
    private static readonly JsonFormatter Format = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true).WithFormatEnumsAsIntegers(true));

    // A command for each setting, and what it is on the wire, in the words of protobuf's JSON.
    private static readonly (string Setting, string Wanted, string Wire)[] Settings =
    [
        ("measurement_period_base", "65535", "65535"), ("measurement_period_factor", "14", "14"), ("transmission_interval", "604800", "604800"),
        ("ack_interval", "\"always\"", "4294967295"), ("transfer_limit", "\"off\"", "65535"), ("transfer_limit_timer", "65534", "65534"), ("supervision_period", "\"off\"", "4294967295"),
        ("rules", """[{"condition": "low_threshold", "channel_mask": 1, "parameters": [-180, 5, "moving_average", 3, "TEMPERATURE"], "action": "transmit"}, {"condition": "disabled"}]""",
            """[{"channel_mask": 1, "condition": 3, "parameters": [-180, 5, 1, 3, 1], "action": 1}, {"condition": 1}]"""),
        ("calendars", """[{"type": "week", "rule_mask": 32768, "parameters": [62, 480, 1020, -48]}]""", """[{"rule_mask": 32768, "parameters": [62, 480, 1020, -48], "type": 2}]"""),
        ("data_server_ip", "\"10.0.0.1\"", "\"10.0.0.1\""), ("data_server_port", "5683", "5683"), ("update_server_ip", "\"münchen.example\"", "\"münchen.example\""),
        ("update_server_port_udp", "1", "1"), ("update_server_port_coap", "65535", "65535"), ("data_endpoint", "\"efento/m\"", "\"efento/m\""), ("configuration_endpoint", "\"c\"", "\"c\""),
        ("device_info_endpoint", "\"i\"", "\"i\""), ("time_endpoint", "\"t\"", "\"t\""), ("extended_configuration_endpoint", "\"e\"", "\"e\""),
        ("dns_server_ip", "[255, 255, 0, 255]", "[255, 255, 0, 255]"), ("dns_ttl_config", "\"until_failure\"", "864002"),
        ("cloud_token_config", "\"none\"", "255"), ("cloud_token", "\"token\"", "\"dG9rZW4=\""), ("cloud_token_coap_option", "\"in_payload\"", "65000"),
        ("payload_signature_coap_option", "64999", "64999"), ("modem_identification_coap_option", "\"off\"", "65000"),
        ("apn", "\"\\u007f\"", "\"\\u007f\""), ("apn_username", "\"user\"", "\"user\""), ("apn_password", "\"password\"", "\"password\""), ("plmn_selection", "\"automatic_old_firmware\"", "4294967295"),
        ("modem_bands_mask", "524287", "524287"), ("cellular_config_params", "[2, 0, 4294967295]", "[2, 0, 4294967295]"),
        ("network_search", """{"time_schema_last_registration_ok": [1, 2, 3, 4, 5, 255], "disable_period_base": 7, "counter_max": 8}""",
            """{"time_schema_last_registration_ok": [1, 2, 3, 4, 5, 255], "disable_period_base": 7, "counter_max": 8}"""),
        ("network_troubleshooting", "\"on\"", "2"), ("ble_turnoff_time", "\"never\"", "4294967295"), ("ble_tx_power_level", "4", "4"),
        ("ble_advertising_period", """{"mode": "fast", "normal": 32, "fast": 16384}""", """{"mode": 3, "normal": 32, "fast": 16384}"""),
        ("advertisement_manufacturer_data_format", "\"v5\"", "2"), ("led_config", "[1, 120, 0, 240, \"never\", 1, 2, 3, 200]", "[1, 120, 0, 240, 255, 1, 2, 3, 200]"),
        ("network_key", "\"7f\"", "\"fw==\""), ("encryption_key", "\"00ff10\"", "\"AP8Q\""),
        ("device_info_request", "true", "true"), ("update_software_request", "true", "true"), ("current_time", "4294967295", "4294967295"), ("disable_modem_request", "60", "60"),
        ("configuration_request", "true", "true"), ("accept_without_testing_request", "true", "true"), ("reset_memory_request", "true", "true"), ("clear_runtime_errors_request", "true", "true"),
        ("update_modem_request", "\"http://example.com/a.bin\"", "\"http://example.com/a.bin\""),
        ("calibration_parameters_request", """{"calibration_request": 6, "channel_assignment": 4294967295, "parameters": [-2147483648, 0, 2147483647]}""",
            """{"calibration_request": 6, "channel_assignment": 4294967295, "parameters": [-2147483648, 0, 2147483647]}"""),
        ("set_output_control_state_request", """[{"channel_index": 0, "channel_state": "on"}, {"channel_index": 5, "channel_state": "off"}]""", """[{"channel_state": 2}, {"channel_index": 5, "channel_state": 1}]"""),
        ("extended_configuration_request", "true", "true"), ("restart_memory_stats_request", "true", "true"), ("data_transfer_start_timestamp_request", "1700000000", "1700000000"), ("nvm_status", "\"clear\"", "127"),
    ];

    private OtherEncoder _other = null!;

    [OneTimeSetUp]
    public void Start() => _other = new OtherEncoder();

    [OneTimeTearDown]
    public void Stop() => _other?.Dispose();

    [Test]
    public void Every_setting_is_looked_at() =>
        Assert.That(Settings.Select(setting => setting.Setting), Is.EquivalentTo(ProtoConfig.Descriptor.Fields.InDeclarationOrder().Select(field => field.Name).Except(CommandTests.Up)));

    [Test]
    public async Task A_command_says_to_another_implementation_what_was_meant()
    {
        foreach (var (setting, wanted, wire) in Settings)
        {
            var bytes = ConfigUpdate($$"""{"{{setting}}": {{wanted}}}""");
            var (fields, again) = await _other.DecodeAsync("ProtoConfig", bytes);
            var (_, own) = await _other.EncodeAsync("ProtoConfig", new JsonObject { [setting] = JsonNode.Parse(wire) });

            Same(fields, new JsonObject { [setting] = JsonNode.Parse(wire) }, setting);
            Assert.That((Hex(again), Hex(own)), Is.EqualTo((Hex(bytes), Hex(bytes))), setting);
        }
    }

    [Test]
    public async Task All_settings_at_once_are_the_same_too()
    {
        var all = string.Join(", ", Settings.Select(setting => $"\"{setting.Setting}\": {setting.Wanted}"));
        var bytes = ConfigUpdate($"{{{all}}}");
        var (_, own) = await _other.EncodeAsync("ProtoConfig", new JsonObject(Settings.Select(setting => KeyValuePair.Create(setting.Setting, JsonNode.Parse(setting.Wire)))));

        Assert.That(Hex(own), Is.EqualTo(Hex(bytes)));
    }

    [Test]
    public async Task A_configuration_of_another_implementation_is_read_field_by_field()
    {
        for (var seed = 1; seed <= Fillings; seed++)
        {
            var (fields, bytes) = await _other.FillAsync("ProtoConfig", seed);
            Same(JsonNode.Parse(Format.Format(ProtoConfig.Parser.ParseFrom(bytes)))!, fields, $"seed {seed}");
            Assert.That(Hex(ProtoConfig.Parser.ParseFrom(bytes).ToByteArray()), Is.EqualTo(Hex(bytes)));

            var told = Post("/c", bytes)[0].Metadata;
            foreach (var (name, value) in Flat(fields, "").Where(field => !field.Name.StartsWith("serial_number", StringComparison.Ordinal)))
            {
                var isSecret = name is "network_key" or "encryption_key" or "apn_password" or "cloud_token";
                Assert.That(told[name].ToString(), Is.EqualTo(isSecret ? "***" : value).IgnoreCase, $"seed {seed}: {name}");
            }
        }
    }

    [Test]
    public async Task Measurements_and_device_information_of_another_implementation_are_the_same_messages()
    {
        for (var seed = 1; seed <= Fillings; seed++)
        {
            var (measured, ofMeasurements) = await _other.FillAsync("ProtoMeasurements", seed);
            var (informed, ofInformation) = await _other.FillAsync("ProtoDeviceInfo", seed);
            var (measurements, information) = (ProtoMeasurements.Parser.ParseFrom(ofMeasurements), ProtoDeviceInfo.Parser.ParseFrom(ofInformation));

            Same(JsonNode.Parse(Format.Format(measurements))!, measured, $"seed {seed}");
            Same(JsonNode.Parse(Format.Format(information))!, informed, $"seed {seed}");
            Assert.That((Hex(measurements.ToByteArray()), Hex(information.ToByteArray())), Is.EqualTo((Hex(ofMeasurements), Hex(ofInformation))));

            var about = Post("/i", ofInformation)[0].Metadata;
            Assert.That(about["runtime.mcu_temperature"].ToString(), Is.EqualTo(informed["runtime_info"]!["mcu_temperature"]!.ToString()));
            Assert.That(about["memory.nv_storage_status"].ToString(), Is.EqualTo(informed["memory_statistics"]![0]!.ToString()));
        }
    }

    [Test]
    public async Task Samples_that_another_implementation_has_written_are_read_as_they_are()
    {
        var message = new JsonObject
        {
            ["serial_number"] = Convert.ToBase64String([0x28, 0x2c, 0x02, 0, 0, 1]),
            ["measurement_period_base"] = 60,
            ["measurement_period_factor"] = 1,
            ["channels"] = new JsonArray(
                new JsonObject { ["type"] = 1, ["timestamp"] = Now, ["start_point"] = -55, ["sample_offsets"] = new JsonArray(0, -12, 8_388_557, 310) },
                new JsonObject { ["type"] = 7, ["timestamp"] = Now, ["sample_offsets"] = new JsonArray(-1, 31, -61) }),
        };
        var (_, bytes) = await _other.EncodeAsync("ProtoMeasurements", message);

        var readings = Post("/m", bytes);

        Assert.That(
            readings.Select(reading => (reading.Index, reading.Timestamp!.Value.ToUnixTimeSeconds() - Now, reading.Values.Count > 0 ? reading.Values[0].ToString() : "error")),
            Is.EqualTo(new[]
            {
                ("TEMPERATURE", 0L, "-5.5"), ("TEMPERATURE", 60, "-6.7"), ("TEMPERATURE", 120, "error"), ("TEMPERATURE", 180, "25.5"),
                ("FLOODING", 0, "false"), ("FLOODING", 30, "true"), ("FLOODING", 60, "false"),
            }).Using<(string, long, string), (string, long, string)>((one, other) => one.Item1 == other.Item1 && one.Item2 == other.Item2 && string.Equals(one.Item3, other.Item3, StringComparison.OrdinalIgnoreCase)));
    }

    private static void Same(JsonNode actual, JsonNode expected, string what) =>
        Assert.That(JsonNode.DeepEquals(actual, expected), $"{what}: expected {expected.ToJsonString()}, got {actual.ToJsonString()}");

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    // As the script names what is inside of others.
    private static IEnumerable<(string Name, string Value)> Flat(JsonNode node, string path) => node switch
    {
        JsonObject members => members.SelectMany(member => Flat(member.Value!, path.Length == 0 ? member.Key : $"{path}.{member.Key}")),
        JsonArray items => items.SelectMany((item, i) => Flat(item!, $"{path}.{i}")),
        _ => [(path, node.ToString())],
    };
}
