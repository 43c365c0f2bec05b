using Gateway.Sinks;
using Gateway.Tests.Support;

namespace Gateway.Tests.Sinks;

internal sealed class SenmlFormatTests
{
    private const string Frame = """
        {"device_id":"282C024FFFB3","index":"TEMPERATURE","values":[21.5],"unit":"Cel","timestamp":"2026-01-02T03:04:05Z"}
        {"device_id":"282C024FFFB3","index":"TEMPERATURE","values":[21.70],"unit":"Cel","timestamp":"2026-01-02T03:09:05.5Z"}
        {"device_id":"282C024FFFB3","index":"ATMOSPHERIC_PRESSURE","values":[1013.2],"unit":"hPa","timestamp":"2026-01-02T02:59:05Z"}
        {"device_id":"282C024FFFB3","index":"BATTERY_VOLTAGE","values":[3700],"unit":"mV","timestamp":"2026-01-02T03:04:05Z"}
        {"device_id":"282C024FFFB3","index":"MODEM_RSSI","values":[-71],"unit":"dBm","timestamp":"2026-01-02T03:04:05Z"}
        {"device_id":"282C024FFFB3","index":"FLOW","values":[1.5],"unit":"l/min","timestamp":"2026-01-02T03:04:05Z"}
        {"device_id":"282C024FFFB3","index":"OK_ALARM","values":[true],"timestamp":"2026-01-02T03:04:05Z"}
        {"device_id":"282C024FFFB3","index":"FIRMWARE","values":["6.10 \"ü\""],"timestamp":"2026-01-02T03:04:05Z"}
        {"device_id":"282C024FFFB3","index":"DEVICE_INFO","values":[],"timestamp":"2026-01-02T03:04:05Z"}
        {"device_id":"282C024FFFB3","index":"ACCELERATION","values":[1,2.5,-3],"unit":"m/s2","timestamp":"2026-01-02T03:04:05Z"}
        {"device_id":"282C024FFFB3","index":"COUNTER","values":[9223372036854775807],"timestamp":"1970-01-01T00:00:09Z"}
        {"device_id":"@meter 2","index":"Wärme","values":[1.25],"unit":"kWh","timestamp":"1970-01-01T00:00:09Z"}
        """;

    [Test]
    public void A_frame_is_a_pack_for_each_device() =>
        Approved.Matches("senml.approved.txt", string.Join('\n', new SenmlFormat().Apply(SomeMessages.OfRecord(Frame)).Select(Show)));

    [Test]
    public void A_pack_can_be_of_one_index() => Assert.That(
        new SenmlFormat(byIndex: true).Apply(SomeMessages.OfRecord(Frame)).Select(pack => (pack.Index, pack.Readings, pack.Id.Place)).Take(3),
        Is.EqualTo([("TEMPERATURE", 2, 0), ("ATMOSPHERIC_PRESSURE", 1, 2), ("BATTERY_VOLTAGE", 1, 3)]));

    [TestCase("no JSON")]
    [TestCase("{\"index\":\"T\"}")]
    [TestCase("{\"index\":\"T\",\"values\":7}")]
    [TestCase("{\"index\":\"T\",\"values\":[]}")]
    public void What_has_no_values_makes_no_pack(string line) => Assert.That(new SenmlFormat().Apply(SomeMessages.OfRecord(line)), Is.Empty);

    [TestCase("36", "km/h", "10")]
    [TestCase("1e300", "kWh", "3.6E+306")]
    [TestCase("1e308", "kWh", "1.7976931348623157E+308")]
    [TestCase("5", "ppm", "0.000005")]
    public void A_secondary_unit_is_brought_to_its_primary_one(string value, string unit, string expected) => Assert.That(
        new SenmlFormat().Apply(SomeMessages.OfRecord($$"""{"index":"T","values":[{{value}}],"unit":"{{unit}}"}""")).Single().Text(),
        Does.Contain($"\"v\":{expected}}}"));

    private static string Show(SinkMessage pack) =>
        $"{pack.Id} {pack.DeviceId} {pack.Index ?? "-"} {pack.ContentType} {pack.Readings}\n{pack.Text().Replace("},{", "},\n{", StringComparison.Ordinal)}";
}
