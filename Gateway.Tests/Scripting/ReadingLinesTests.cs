using System.Buffers;
using System.Text;
using CsCheck;
using Gateway.Scripting;
using Gateway.Scripting.Contract;

namespace Gateway.Tests.Scripting;

/// <summary>The quick way to a frame's lines writes what the plain one does, to the byte.</summary>
internal sealed class ReadingLinesTests
{
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.OneOfConst("TEMPERATURE", "", "Cel", "a\"b\\c\n\t\u0001", "21.5 °C", "温度 🌡", "\ud800", "<&'+`\u007f"), Gen.String);

    private static readonly Gen<double> Real = Gen.OneOf(
        Gen.Double.Where(double.IsFinite),
        Gen.Int.Select(number => number / 1000.0),
        Gen.Int[-100_000, 100_000].Select(number => number * 0.1),
        Gen.Long.Select(number => number / 1000.0),
        Gen.OneOfConst(0.0, -0.0, 0.001, -0.001, 0.0005, 1e14, 1e11, 99_999_999_999.999, 0.1 + 0.2, double.Epsilon, double.MaxValue));

    private static readonly Gen<ReadingValue> Value = Gen.OneOf(
        Gen.Long.Select(number => (ReadingValue)number), Real.Select(number => (ReadingValue)number), Gen.Bool.Select(flag => (ReadingValue)flag), Text.Select(text => (ReadingValue)text));

    private static readonly Gen<Dictionary<string, ReadingValue>> Metadata = Gen.Dictionary(Text, Value)[0, 5];

    private static readonly Gen<DateTimeOffset?> Time = Gen.OneOf(
        Gen.Const((DateTimeOffset?)null),
        Gen.Long[0, DateTime.MaxValue.Ticks].Select(ticks => (DateTimeOffset?)new DateTimeOffset(ticks, TimeSpan.Zero)),
        Gen.Int[0, 200_000].Select(seconds => (DateTimeOffset?)DateTimeOffset.UnixEpoch.AddSeconds(seconds)));

    // Readings of one frame share what they have in common, or not.
    private static readonly Gen<Reading[]> Frame =
        from shared in Metadata.Array[1, 2]
        from index in Text.Where(text => !string.IsNullOrWhiteSpace(text)).Array[1, 2]
        from unit in Text.Null().Array[1, 2]
        from label in Text.Array[0, 2].Array[1, 2]
        from readings in Gen.Select(Value.Array[0, 3], Time, Gen.Int[0, 1], Gen.Int[0, 1], Gen.Int[0, 1], Text.Null()).Array[0, 8]
        select readings.Select(reading => new Reading(index[reading.Item3 % index.Length], reading.Item1)
        {
            Timestamp = reading.Item2,
            Unit = unit[reading.Item4 % unit.Length],
            Label = label[reading.Item4 % label.Length],
            Metadata = shared[reading.Item5 % shared.Length],
            DeviceId = reading.Item6,
            RequestId = reading.Item6,
        }).ToArray();

    [Test]
    public void Lines_are_what_completion_and_json_make() => Frame.Sample(readings =>
    {
        var config = Scripts.Config with { Labels = ["cellar"], Metadata = new Dictionary<string, string> { ["floor"] = "ü" } };
        Assert.That(Lines(readings, config), Is.EqualTo(Plain(readings, config)));
    });

    [Test]
    public void A_frame_without_readings_has_no_lines() => Assert.That(Lines([], Scripts.Config), Is.Empty);

    [Test]
    public void What_is_too_long_is_no_lines_at_all()
    {
        var readings = Enumerable.Range(1, 100).Select(number => new Reading("A", number)).ToArray();
        var length = Encoding.UTF8.GetByteCount(Lines(readings, Scripts.Config));

        Assert.That(ReadingLines.Write(readings, Scripts.Config, Scripts.Request, [], length)?.Count, Is.EqualTo(length));
        Assert.That(ReadingLines.Write(readings, Scripts.Config, Scripts.Request, [], length - 1), Is.Null);
    }

    [Test]
    public void Warnings_are_on_each_line()
    {
        Reading[] readings = [new("A", 1), new("B", 2)];

        Assert.That(
            Encoding.UTF8.GetString(ReadingLines.Write(readings, Scripts.Config, Scripts.Request, ["odd"], int.MaxValue)!.Value).Split('\n')[..2],
            Has.All.Contain("\"warnings\":\"odd\""));
    }

    private static string Lines(Reading[] readings, DeviceConfig config) =>
        Encoding.UTF8.GetString(ReadingLines.Write(readings, config, Scripts.Request, [], int.MaxValue)!.Value);

    private static string Plain(Reading[] readings, DeviceConfig config)
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (var reading in ReadingCompletion.Complete(readings, config, Scripts.Request))
        {
            ReadingJson.Write(output, reading);
            output.Write("\n"u8);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
