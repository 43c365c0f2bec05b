using Gateway.Sinks;
using Gateway.Tests.Journal;

namespace Gateway.Tests.Sinks;

internal sealed class RecordMessagesTests
{
    [Test]
    public void Each_line_is_a_message_byte_for_byte_with_an_id_of_its_own()
    {
        const string One = """{"device_id":"282C024FFFB3","index":"TEMPERATURE","values":[21.5],"unit":"Cel","timestamp":"2026-01-02T03:00:00Z","label":["roof","east"],"metadata":{"index":"no"}}""";
        const string Two = """{"device_id":"other","index":"HUMIDITY","values":[40]}""";
        var messages = SomeMessages.OfRecord(One + "\n" + Two + "\n");

        Assert.That(messages.Select(message => message.Id.ToString()), Is.EqualTo(["3f2a9c01b7d4e658-7-0", "3f2a9c01b7d4e658-7-1"]));
        Assert.That(messages.Select(message => message.Text()), Is.EqualTo([One, Two]));
        Assert.That(messages.Select(message => (message.Kind, message.DeviceId, message.Index, message.Profile, message.Revision)), Is.EqualTo(
            [(MessageKind.Reading, "282C024FFFB3", "TEMPERATURE", "efento", 0), (MessageKind.Reading, "other", "HUMIDITY", "efento", 0)]));
        Assert.That(messages[0].Labels, Is.EqualTo(["roof", "east"]));
        Assert.That(messages.Select(message => message.Time.UtcDateTime), Is.EqualTo([new DateTime(2026, 1, 2, 3, 0, 0), new DateTime(2026, 1, 2, 3, 4, 5)]),
            "the reading's own time, or else when the frame came");
    }

    [TestCase("no JSON")]
    [TestCase("[1]")]
    [TestCase("{\"index\":")]
    [TestCase("{\"index\":7,\"label\":\"x\",\"timestamp\":\"soon\",\"device_id\":null}")]
    public void A_line_that_is_odd_is_delivered_all_the_same(string line)
    {
        var message = SomeMessages.OfRecord(line).Single();

        Assert.That((message.Text(), message.DeviceId, message.Index), Is.EqualTo((line, "282C024FFFB3", (string?)null)));
    }

    [Test]
    public async Task A_journal_keeps_its_identity_and_no_other_has_the_same()
    {
        await using var one = new JournalInAFolder();
        await using var other = new JournalInAFolder();
        var id = (await one.OpenAsync()).Id;

        Assert.That(id, Does.Match("^[0-9a-f]{16}$"));
        Assert.That((await one.ReopenAsync()).Id, Is.EqualTo(id));
        Assert.That((await other.OpenAsync()).Id, Is.Not.EqualTo(id));
    }
}
