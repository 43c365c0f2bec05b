using System.Globalization;
using System.Text.Json;
using Gateway.Protos.Efento;
using Gateway.Scripting.Contract;
using Google.Protobuf;
using static Gateway.Tests.Efento.EfentoSensor;

namespace Gateway.Tests.Efento;

/// <summary>Every message in efento-vectors.json, and all that is known of it.</summary>
internal sealed class VectorTests
{
    private static IEnumerable<TestCaseData> Messages => Vector.Cases("m");

    private static IEnumerable<TestCaseData> DeviceInfos => Vector.Cases("i");

    private static IEnumerable<TestCaseData> Configurations => Vector.Cases("c");

    private static IEnumerable<TestCaseData> Commands => Vector.Cases("downlink");

    // Those of which more is noted than their readings.
    private static IEnumerable<TestCaseData> NotedMessages =>
        Messages.Where(test => ((Vector)test.Arguments[0]!).Message.ValueKind != JsonValueKind.Undefined);

    private static IEnumerable<TestCaseData> Times => Vector.Cases("t");

    private static IEnumerable<TestCaseData> Refused => Vector.Cases("m", refused: true).Concat(Vector.Cases("c", refused: true));

    [Test]
    public void No_vector_is_left_out()
    {
        var cases = new[] { Messages, DeviceInfos, Configurations, Commands, Times, Refused }.Sum(source => source.Count());

        Assert.That(cases, Is.EqualTo(Vector.All.Count).And.EqualTo(94));
    }

    [TestCaseSource(nameof(Messages))]
    public void A_message_becomes_its_readings(Vector vector)
    {
        var readings = Post("/m", vector.Payload);

        Assert.That(readings.Select(Line), Is.EqualTo(vector.Expected.EnumerateArray().Select(Line)));
    }

    [TestCaseSource(nameof(NotedMessages))]
    public void A_message_is_told_about_in_the_metadata_of_its_readings(Vector vector)
    {
        var metadata = Post("/m", vector.Payload)[0].Metadata;
        var expected = vector.Message.EnumerateObject().SelectMany(member => MessageLines(member.Name, member.Value));
        using var all = Assert.EnterMultipleScope();
        foreach (var (key, value) in expected)
        {
            Assert.That(metadata.TryGetValue(key, out var actual) ? actual.ToString() : null, Is.EqualTo(value), key);
        }
    }

    [TestCaseSource(nameof(DeviceInfos))]
    public void A_device_info_is_told_in_full(Vector vector)
    {
        var info = Post("/i", vector.Payload)[0];

        Assert.That(info.Index, Is.EqualTo("DEVICE_INFO"));
        AssertMetadata(info, vector.Expected[0]);
    }

    [TestCaseSource(nameof(Configurations))]
    public void A_configuration_is_told_in_full(Vector vector)
    {
        var configuration = Post("/c", vector.Payload).Single();

        Assert.That(configuration.Index, Is.EqualTo("CONFIGURATION"));
        AssertMetadata(configuration, vector.Expected[0]);
    }

    [TestCaseSource(nameof(Commands))]
    public void A_command_becomes_its_bytes(Vector vector)
    {
        var settings = vector.Expected[0].GetRawText();

        var bytes = ConfigUpdate(settings);

        Assert.That(Convert.ToHexStringLower(bytes), Is.EqualTo(Convert.ToHexStringLower(vector.Payload)));
        Assert.That(ProtoConfig.Parser.ParseFrom(bytes), Is.EqualTo(JsonParser.Default.Parse<ProtoConfig>(settings)));
    }

    [TestCaseSource(nameof(Times))]
    public void The_time_is_told_in_four_bytes(Vector vector)
    {
        var request = Request("/t", vector.Expected[0].GetProperty("timestamp").GetInt64());

        var response = Script.Respond([], Config, request)!;

        Assert.That(response.Payload, Is.EqualTo(vector.Payload));
        Assert.That((response.Code, response.ContentFormat), Is.EqualTo(("2.05", 42)));
    }

    [TestCaseSource(nameof(Refused))]
    public void What_no_sensor_sends_is_refused(Vector vector) =>
        Assert.That(() => Post("/" + vector.Endpoint, vector.Payload), Throws.TypeOf<InvalidPayloadException>());

    // One line for each reading, so that a difference is easy to see.
    private static string Line(JsonElement expected)
    {
        var index = expected.GetProperty("name").GetString()!.ToUpperInvariant();
        var line = $"{expected.GetProperty("channel")} {expected.GetProperty("type")} {index} at {expected.GetProperty("timestamp")}:";
        if (expected.TryGetProperty("error", out var error))
        {
            return $"{line} error {error}";
        }

        if (expected.TryGetProperty("state", out var state))
        {
            return $"{line} {state} {expected.GetProperty("value")}";
        }

        line = $"{line} {Number(expected.GetProperty("value").GetDouble())} {expected.GetProperty("unit")}";
        var hasDetail = expected.TryGetProperty("meta", out var detail) || expected.TryGetProperty("status", out detail);
        return hasDetail ? $"{line} detail {detail}" : line;
    }

    private static string Line(Reading reading)
    {
        var metadata = reading.Metadata;
        var time = reading.Timestamp!.Value.ToUnixTimeSeconds();
        var line = $"{metadata["channel_number"]} {metadata["measurement_type"]} {reading.Index} at {time}:";
        if (metadata["is_error"].AsBoolean())
        {
            return $"{line} error {metadata["error_code"]}";
        }

        var value = reading.Values.Single();
        if (value.Kind == ReadingValueKind.Boolean)
        {
            return $"{line} {value.AsBoolean()} {metadata["state"]}";
        }

        line = $"{line} {Number(value.AsDouble())} {reading.Unit}";
        return DetailOf(metadata) is { } detail ? $"{line} detail {detail}" : line;
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    // The number that a value carries beside itself, as it was on the wire.
    private static long? DetailOf(IReadOnlyDictionary<string, ReadingValue> metadata)
    {
        if (metadata.TryGetValue("calibration", out var calibration))
        {
            return calibration.ToString() switch { "required" or "none" => 0, "running" or "ok" => 1, _ => 2 };
        }

        return metadata.TryGetValue("status", out var status) ? status.AsInt64()
            : metadata.TryGetValue("major_channel", out var major) ? major.AsInt64() - 1
            : null;
    }

    // What the vectors note of a whole message, as the metadata has it; null for what must not be there.
    private static IEnumerable<(string Key, string? Value)> MessageLines(string name, JsonElement value) => name switch
    {
        "serial" => [("source_sn_hex", value.GetString())],
        "battery_ok" => [("battery_ok", value.GetBoolean() ? "true" : "false")],
        "next_transmission_at" => [("next_transmission_at", Iso(value.GetInt64()))],
        "configuration_hash" or "extended_configuration_hash" or "transfer_reason" => [(name, value.GetRawText())],
        "period_base" or "period_s" => [("measurement_period", value.GetRawText())],
        "battery_voltage" => [("battery_voltage", value.ValueKind == JsonValueKind.Null ? null : value.GetRawText())],
        "battery_status" => [("battery_status", new[] { "battery", "rechargeable", "charging" }[value.GetInt32()])],
        "battery_level" => value.GetInt32() == 0 ? [("battery_voltage", null), ("battery_status", null)] : [],
        "signal" => [("signal_dbm", value.GetInt32() == 99 ? null : throw new NotSupportedException())],
        "cloud_token" => [("cloud_token", null)],
        "reasons" => [("retries", "31"), ("transfer_reasons", AllReasons)],
        "period_factor" => [],
        _ => throw new NotSupportedException($"a vector says something new of its message: {name}"),
    };

    private const string AllReasons =
        "reset,button,bluetooth,rule_1,rule_2,rule_3,rule_4,rule_5,rule_6,rule_7,rule_8,rule_9,rule_10,rule_11,rule_12,"
        + "transfer_limit_end,pin_tamper,enclosure_tamper,shutdown";

    private static void AssertMetadata(Reading reading, JsonElement expected)
    {
        using var all = Assert.EnterMultipleScope();
        Assert.That(reading.Values, Is.Empty);
        foreach (var (path, value) in Vector.Flatten(expected))
        {
            var key = path == "serial" ? "source_sn_hex" : path;
            var isSecretOrUnknown = value.ValueKind == JsonValueKind.Null || path == "cloud_token";
            Assert.That(
                reading.Metadata.TryGetValue(key, out var actual) ? Plain(actual, value) : null,
                Is.EqualTo(isSecretOrUnknown ? null : value.ToString()),
                path);
        }
    }

    // Times are texts in metadata, and numbers in the vectors.
    private static string Plain(ReadingValue actual, JsonElement expected) =>
        expected.ValueKind == JsonValueKind.Number && actual.Kind == ReadingValueKind.Text
            ? $"{DateTimeOffset.Parse(actual.ToString(), CultureInfo.InvariantCulture).ToUnixTimeSeconds()}"
            : actual.ToString();

    private static string Iso(long seconds) =>
        DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
