using System.Buffers;
using System.Text;
using Gateway.Scripting;
using Gateway.Scripting.Contract;

namespace Gateway.Tests.Scripting;

/// <summary>The standardized JSON, to the letter: others rely on it.</summary>
internal sealed class ReadingJsonTests
{
    [Test]
    public void A_full_reading_has_all_members_in_this_order()
    {
        var reading = new Reading("TEMPERATURE", 23.3)
        {
            DeviceId = "282c02400001",
            Unit = "Cel",
            Timestamp = new DateTimeOffset(2025, 3, 1, 14, 5, 6, TimeSpan.FromHours(2)),
            Label = ["cellar", "Kühlraum"],
            Metadata = new Dictionary<string, ReadingValue> { ["channel_number"] = 1, ["ok"] = true },
            RequestId = "r1",
        };

        Assert.That(Json(reading), Is.EqualTo(
            """{"device_id":"282c02400001","index":"TEMPERATURE","values":[23.3],"unit":"Cel","timestamp":"2025-03-01T12:05:06Z","label":["cellar","Kühlraum"],"metadata":{"channel_number":1,"ok":true},"request_id":"r1"}"""));
    }

    [Test]
    public void What_is_open_is_left_out()
    {
        Assert.That(Json(new Reading("A")), Is.EqualTo("""{"index":"A","values":[],"label":[],"metadata":{}}"""));
    }

    [Test]
    public void Values_are_written_as_what_they_are()
    {
        var reading = new Reading(
            "A", 0, -1, 999999999999, long.MaxValue, long.MinValue, 23.3, -0.1, 21.0, 0.1 + 0.2, 1e21, 5e-324, float.MaxValue, true, false, "", "21.5 °C", "a\"b\\c\n\t\u0001", "温度 🌡", "\ud800");

        Assert.That(Json(reading), Does.Contain(
            "\"values\":[0,-1,999999999999,9223372036854775807,-9223372036854775808,23.3,-0.1,21,0.30000000000000004,1E+21,5E-324,3.4028234663852886E+38,true,false,"
            + "\"\",\"21.5 °C\",\"a\\\"b\\\\c\\n\\t\\u0001\",\"温度 \\uD83C\\uDF21\",\"\\uFFFD\"]"));
    }

    [TestCase(0, "2025-03-01T12:00:00Z")]
    [TestCase(5_000_000, "2025-03-01T12:00:00.5Z")]
    [TestCase(1_230_000, "2025-03-01T12:00:00.123Z")]
    [TestCase(1, "2025-03-01T12:00:00.0000001Z")]
    public void A_timestamp_has_a_fraction_only_when_there_is_one(long ticks, string text)
    {
        var reading = new Reading("A") { Timestamp = new DateTimeOffset(2025, 3, 1, 12, 0, 0, TimeSpan.Zero).AddTicks(ticks) };

        Assert.That(Json(reading), Does.Contain($"\"timestamp\":\"{text}\""));
    }

    [Test]
    public void Readings_follow_each_other_in_one_buffer()
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (var reading in new[] { new Reading("A"), new Reading("B") })
        {
            ReadingJson.Write(output, reading);
            output.Write("\n"u8);
        }

        Assert.That(Encoding.UTF8.GetString(output.WrittenSpan).Split('\n'), Is.EqualTo(
        [
            """{"index":"A","values":[],"label":[],"metadata":{}}""", """{"index":"B","values":[],"label":[],"metadata":{}}""", "",
        ]));
    }

    private static string Json(Reading reading)
    {
        var output = new ArrayBufferWriter<byte>();
        ReadingJson.Write(output, reading);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
