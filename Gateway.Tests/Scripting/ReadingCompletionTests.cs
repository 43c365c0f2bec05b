using Gateway.Scripting;
using Gateway.Scripting.Contract;

namespace Gateway.Tests.Scripting;

/// <summary>What the script left open is filled in, and what it said stays.</summary>
internal sealed class ReadingCompletionTests
{
    private static readonly DeviceConfig Config = Scripts.Config with
    {
        Labels = ["site", "cellar"],
        Metadata = new Dictionary<string, string> { ["owner"] = "ops", ["room"] = "1" },
    };

    [Test]
    public void An_open_reading_gets_device_exchange_time_labels_and_metadata()
    {
        var reading = ReadingCompletion.Complete([new Reading("A", 1)], Config, Scripts.Request)[0];

        Assert.Multiple(() =>
        {
            Assert.That(reading.DeviceId, Is.EqualTo("d1"));
            Assert.That(reading.RequestId, Is.EqualTo("r1"));
            Assert.That(reading.Timestamp, Is.EqualTo(Scripts.Request.ReceivedAt));
            Assert.That(reading.Label, Is.EqualTo(["site", "cellar"]));
            Assert.That(reading.Metadata, Is.EquivalentTo(new Dictionary<string, ReadingValue> { ["owner"] = "ops", ["room"] = "1" }));
            Assert.That(reading.Values[0].AsInt64(), Is.EqualTo(1));
        });
    }

    [Test]
    public void What_the_script_said_stays()
    {
        var time = new DateTimeOffset(2024, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var said = new Reading("A", 1)
        {
            DeviceId = "other",
            RequestId = "r0",
            Timestamp = time,
            Label = ["cellar", "hot", "hot"],
            Metadata = new Dictionary<string, ReadingValue> { ["room"] = 2 },
        };

        var reading = ReadingCompletion.Complete([said], Config, Scripts.Request)[0];

        Assert.Multiple(() =>
        {
            Assert.That(reading.DeviceId, Is.EqualTo("other"));
            Assert.That(reading.RequestId, Is.EqualTo("r0"));
            Assert.That(reading.Timestamp, Is.EqualTo(time));
            Assert.That(reading.Label, Is.EqualTo(["site", "cellar", "hot"]));
            Assert.That(reading.Metadata, Is.EquivalentTo(new Dictionary<string, ReadingValue> { ["room"] = 2, ["owner"] = "ops" }));
        });
    }

    [Test]
    public void A_device_without_labels_and_metadata_adds_none()
    {
        var reading = ReadingCompletion.Complete([new Reading("A", 1)], Scripts.Config, Scripts.Request)[0];

        Assert.Multiple(() =>
        {
            Assert.That(reading.Label, Is.Empty);
            Assert.That(reading.Metadata, Is.Empty);
        });
    }
}
