using System.Text;
using System.Text.Json.Nodes;
using Gateway.Journal;
using Gateway.Sinks;
using Gateway.Tests.Journal;

namespace Gateway.Tests.Sinks;

/// <summary>What sinks get beside first readings: corrected ones, errors and steps of commands.</summary>
internal sealed class OtherMessagesTests
{
    private static readonly JournalRecord Corrected = JournalInAFolder.Record("r1") with
    {
        Sequence = 9,
        Kind = JournalRecordKind.Reread,
        About = 7,
        Revision = 2,
        Readings = Encoding.UTF8.GetBytes("{\"index\":\"T\",\"values\":[1]}\n{\"index\":\"H\",\"values\":[2]}\n"),
    };

    private static readonly JournalRecord Unread = JournalInAFolder.Record("r1") with
    {
        Sequence = 7,
        Outcome = FrameOutcome.ScriptFailed,
        Error = "a \"bug\"",
        Query = "a=1",
        ContentFormat = 42,
        Readings = default,
    };

    [Test]
    public void A_corrected_reading_has_an_id_of_its_own_and_says_what_it_replaces()
    {
        var messages = SomeMessages.OfRecord(Corrected);

        Assert.That(messages.Select(message => (message.Id.ToString(), message.Revision, message.Replaces)), Is.EqualTo(
            [("3f2a9c01b7d4e658-9-0", 2, "3f2a9c01b7d4e658-7"), ("3f2a9c01b7d4e658-9-1", 2, "3f2a9c01b7d4e658-7")]));
        Assert.That(messages[0].Time, Is.EqualTo(Corrected.ReceivedAt), "the original time");
        Assert.That(new JsonFormat(withIds: false).Apply(messages).First().Text(), Is.EqualTo(
            """{"revision":2,"replaces":"3f2a9c01b7d4e658-7","index":"T","values":[1]}"""));
        Assert.That(new JsonFormat(withIds: true).Apply(messages).First().Text(), Is.EqualTo(
            """{"message_id":"3f2a9c01b7d4e658-9-0","kind":"reading","revision":2,"replaces":"3f2a9c01b7d4e658-7","index":"T","values":[1]}"""));
        Assert.That(new SenmlFormat().Apply(messages).Single().Text(), Does.StartWith(
            """[{"bn":"282C024FFFB3/","bt":1767323045,"message_id":"3f2a9c01b7d4e658-9-0","revision":2,"replaces":"3f2a9c01b7d4e658-7","n":"T","v":1}"""));
    }

    [Test]
    public void A_frame_that_could_not_be_read_is_an_error_with_its_payload()
    {
        var message = SomeMessages.OfRecord(Unread).Single();

        Assert.That((message.Kind, message.Readings, message.DeviceId, message.Profile), Is.EqualTo((MessageKind.Error, 0, "282C024FFFB3", "efento")));
        Assert.That(new JsonFormat(withIds: false).Apply([message]).Single().Text(), Is.EqualTo(
            """{"kind":"error","device_id":"282C024FFFB3","profile":"efento","request_id":"r1","time":"2026-01-02T03:04:05+00:00","failure":"script_failed","error":"a \"bug\"","script":"efento.csx","script_version":"1","method":"POST","path":"/m","query":"a=1","content_format":42,"payload":"AQID"}"""));
    }

    [TestCase(FrameOutcome.Held, "held")]
    [TestCase(FrameOutcome.InvalidPayload, "invalid_payload")]
    [TestCase(FrameOutcome.ScriptUnavailable, "script_unavailable")]
    public void An_error_names_the_failure(FrameOutcome outcome, string expected) =>
        Assert.That(Body(SomeMessages.OfRecord(Unread with { Outcome = outcome }).Single())["failure"]!.GetValue<string>(), Is.EqualTo(expected));

    [Test]
    public void A_second_failure_is_an_error_of_its_own_without_the_payload()
    {
        var message = SomeMessages.OfRecord(Corrected with { Outcome = FrameOutcome.ScriptFailed, Readings = default }).Single();

        Assert.That((message.Kind, message.Revision, message.Replaces), Is.EqualTo((MessageKind.Error, 2, "3f2a9c01b7d4e658-7")));
        Assert.That(Body(message)["payload"], Is.Null);
    }

    [Test]
    public void A_message_that_was_given_up_is_an_error_unless_a_sink_gave_it_up()
    {
        var given = SomeMessages.OfRecord(JournalInAFolder.Failure("intake/mqtt", "no JSON") with { Sequence = 8 }).Single();

        Assert.That((Body(given)["failure"]!.GetValue<string>(), Body(given)["source"]!.GetValue<string>(), Body(given)["payload"]!.GetValue<string>()), Is.EqualTo(("given_up", "intake/mqtt", "CQ==")));
        Assert.That(SomeMessages.OfRecord(JournalInAFolder.Failure("sink/web", "413")), Is.Empty, "it could be refused again, and so on");
    }

    [Test]
    public void A_step_of_a_command_is_an_event()
    {
        var step = JournalInAFolder.Step("c1", CommandStepState.Sent);
        var message = SomeMessages.OfRecord(step with { Sequence = 3, RequestId = "x1", Command = step.Command! with { From = CommandStepState.Queued, Attempt = 2 } }).Single();

        Assert.That(message.Kind, Is.EqualTo(MessageKind.CommandEvent));
        Assert.That(new JsonFormat(withIds: false).Apply([message]).Single().Text(), Is.EqualTo(
            """{"kind":"command_event","device_id":"282C024FFFB3","request_id":"c1","command_type":"set","time":"2026-01-02T03:04:06+00:00","state":"sent","from":"queued","attempt":2,"exchange_id":"x1"}"""));
    }

    [Test]
    public void A_sink_gets_the_kinds_that_it_wants()
    {
        JournalRecord[] records = [Unread, Corrected, JournalInAFolder.Step("c1", CommandStepState.Sent)];

        Assert.That(records.SelectMany(record => SomeMessages.OfRecord(record, MessageKind.Reading)).Count(), Is.EqualTo(2));
        Assert.That(records.SelectMany(record => SomeMessages.OfRecord(record, MessageKind.Error)).Count(), Is.EqualTo(1));
        Assert.That(records.SelectMany(record => SomeMessages.OfRecord(record, MessageKind.CommandEvent, MessageKind.Error)).Count(), Is.EqualTo(2));
    }

    [Test]
    public void SenML_has_no_form_for_what_is_no_measurement() =>
        Assert.That(new SenmlFormat().Apply([.. SomeMessages.OfRecord(Unread), .. SomeMessages.OfRecord(JournalInAFolder.Step("c1", CommandStepState.Sent))]), Is.Empty);

    private static JsonNode Body(SinkMessage message) => JsonNode.Parse(message.Body.Span)!;
}
