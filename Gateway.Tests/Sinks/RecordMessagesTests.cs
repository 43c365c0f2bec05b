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
    public void A_sink_that_takes_lines_gets_those_of_a_frame_together_and_apart_they_are_what_others_get()
    {
        var record = JournalInAFolder.Record("r", readings: 3) with { Sequence = 7 };

        var together = SomeMessages.OfRecord(record, mostLines: 3).Single();
        var others = SomeMessages.OfRecord(record);

        Assert.That((together.Id, together.Kind, together.Readings, together.Profile), Is.EqualTo((others[0].Id, MessageKind.Reading, 3, "efento")));
        Assert.That(together.Text(), Is.EqualTo(string.Join('\n', others.Select(message => message.Text()))));
        Assert.That(together.LineByLine().Select(Told), Is.EqualTo(others.Select(Told)));
    }

    [TestCase("{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n", 0, 3, Description = "More than go together.")]
    [TestCase("{\"a\":1}\n\n{\"a\":3}\n", 0, 2, Description = "One has no line.")]
    [TestCase("{\"a\":1}\n{\"a\":2}\n", 1, 2, Description = "Read again: each tells what it replaces.")]
    [TestCase("{\"a\":1}", 0, 1)]
    [TestCase("", 0, 0)]
    public void Lines_of_which_more_is_to_be_told_come_apart(string lines, int revision, int messages)
    {
        var record = JournalInAFolder.Record("r") with { Readings = System.Text.Encoding.UTF8.GetBytes(lines), Revision = revision, About = 3 };

        var apart = SomeMessages.OfRecord(record, mostLines: 2);

        Assert.That(apart.Select(message => message.Readings), Is.EqualTo(Enumerable.Repeat(1, messages)));
        Assert.That(apart.Select(Told), Is.EqualTo(SomeMessages.OfRecord(record).Select(Told)));
    }

    [Test]
    public void Lines_together_pass_a_filter_or_do_not()
    {
        var record = JournalInAFolder.Record("r", readings: 3);

        Assert.That(SomeMessages.OfRecord(record, mostLines: 9, new SinkFilterSettings { Profiles = ["other"] }), Is.Empty);
        Assert.That(SomeMessages.OfRecord(record, mostLines: 9, new SinkFilterSettings { Profiles = ["efento"] }), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_message_of_one_line_apart_is_itself()
    {
        var message = SomeMessages.Of("{}")[0] with { Readings = 5 };

        Assert.That(message.LineByLine().Single(), Is.SameAs(message), "such as a pack of SenML");
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

    private static (string Id, string Body, int Readings, string Device, string? Index, DateTimeOffset Time, string? Replaces) Told(SinkMessage message) =>
        (message.Id.ToString(), message.Text(), message.Readings, message.DeviceId, message.Index, message.Time, message.Replaces);
}
