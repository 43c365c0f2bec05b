using System.Text;
using System.Text.Json;
using Gateway.Scripting.Contract;
using static Gateway.Tests.Efento.EfentoSensor;

namespace Gateway.Tests.Efento;

/// <summary>The script for devices that send plain JSON, which is also the first example of a script.</summary>
internal sealed class JsonScriptTests
{
    private static readonly ShippedScript Json = new("json.csx");

    [Test]
    public void Every_member_is_a_reading()
    {
        var readings = Parse("""{"temperature": 21.5, "count": 7, "door": true, "name": "x", "nothing": null}""");

        Assert.That(readings.Select(reading => reading.Index), Is.EqualTo(["temperature", "count", "door", "name"]));
        Assert.That(
            readings.Select(reading => reading.Values.Single()), Is.EqualTo(new ReadingValue[] { 21.5, 7, true, "x" }));
        Assert.That(readings.Select(reading => reading.Timestamp), Is.All.Null);
    }

    [TestCase("1606391700")]
    [TestCase("\"2020-11-26T11:55:00Z\"")]
    [TestCase("\"2020-11-26T12:55:00+01:00\"")]
    [TestCase("\"2020-11-26T11:55:00\"")]
    public void A_timestamp_is_the_time_of_all(string timestamp) =>
        Assert.That(
            Parse($$"""{"a": 1, "timestamp": {{timestamp}}, "b": 2}""").Select(reading => reading.Timestamp),
            Is.EqualTo(Enumerable.Repeat<DateTimeOffset?>(DateTimeOffset.FromUnixTimeSeconds(Now), 2)));

    [Test]
    public void A_list_has_the_readings_of_all_its_objects() =>
        Assert.That(
            Parse("""[{"a": 1, "timestamp": 1}, {"a": 2, "timestamp": 2}]""").Select(reading => reading.Timestamp?.ToUnixTimeSeconds()),
            Is.EqualTo([1, 2]));

    [TestCase("")]
    [TestCase("{")]
    [TestCase("5")]
    [TestCase("[[1]]")]
    [TestCase("""{"a": {}}""")]
    [TestCase("""{"a": [1]}""")]
    [TestCase("""{"a": 1e999}""")]
    [TestCase("""{"": 1}""")]
    [TestCase("""{"a": "\ud800"}""")]
    [TestCase("""{"a": 1, "timestamp": "yesterday"}""")]
    [TestCase("""{"a": 1, "timestamp": 1e300}""")]
    [TestCase("""{"a": 1, "timestamp": true}""")]
    public void What_is_no_such_JSON_is_refused(string payload) =>
        Assert.That(() => Parse(payload), Throws.TypeOf<InvalidPayloadException>());

    [Test]
    public void A_text_that_is_not_UTF8_is_refused() =>
        Assert.That(
            () => Json.Parse([.. "{\"a\": \""u8, 0xFF, .. "\"}"u8], Config, Request("/data")), Throws.TypeOf<InvalidPayloadException>());

    [Test]
    public void Set_sends_the_payload_as_it_is()
    {
        var bytes = Json.FormatCommand(Command("set", """{"led": "ön"}"""), Config, null);

        Assert.That(JsonDocument.Parse(bytes).RootElement.GetProperty("led").GetString(), Is.EqualTo("ön"));
    }

    [Test]
    public void Set_wants_an_object() =>
        Assert.That(() => Json.FormatCommand(Command("set", "1"), Config, null), Throws.TypeOf<CommandException>());

    [Test]
    public void Other_commands_are_not_known() => Assert.That(Json.FormatCommand(Command("reboot"), Config, null), Is.Null);

    private static IReadOnlyList<Reading> Parse(string payload) => Json.Parse(Encoding.UTF8.GetBytes(payload), Config, Request("/data"));
}
