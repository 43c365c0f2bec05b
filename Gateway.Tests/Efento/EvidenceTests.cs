using Gateway.Protos.Efento;
using Gateway.Scripting.Contract;
using Google.Protobuf;
using static Gateway.Tests.Efento.EfentoSensor;

namespace Gateway.Tests.Efento;

/// <summary>What a sensor's messages say of the commands that it was sent, and which commands ride together.</summary>
internal sealed class EvidenceTests
{
    private const uint OldHash = 7;
    private const uint NewHash = 8;
    private const string Slower = """{"transmission_interval": 3600, "ack_interval": "always"}""";

    [TestCase(NewHash, 0u, CommandEvidenceKind.Applied)]
    [TestCase(OldHash, 0u, CommandEvidenceKind.Unknown)]
    [TestCase(0u, 0u, CommandEvidenceKind.Unknown)]
    [TestCase(NewHash, 1u << 3, CommandEvidenceKind.Unknown, Description = "an attempt has failed in between")]
    public void A_new_hash_says_that_the_configuration_has_changed(uint hash, uint reason, CommandEvidenceKind evidence) =>
        Assert.That(Evidence(Update(Slower), Message(hash, reason)).Kind, Is.EqualTo(evidence));

    [Test]
    public void Without_the_hash_of_before_a_hash_says_nothing()
    {
        var command = Update(Slower);

        Assert.Multiple(() =>
        {
            Assert.That(Evidence(command with { LastSent = null }, Message(NewHash)).Kind, Is.EqualTo(CommandEvidenceKind.Unknown));
            Assert.That(Evidence(command with { LastSent = command.LastSent! with { Payload = default } }, Message(NewHash)).Kind, Is.EqualTo(CommandEvidenceKind.Unknown));
            Assert.That(Evidence(command with { LastSent = command.LastSent! with { Path = "/t" } }, Message(NewHash)).Kind, Is.EqualTo(CommandEvidenceKind.Unknown));
        });
    }

    [Test]
    public void The_hash_of_before_may_stand_in_a_configuration_message()
    {
        var command = Update(Slower);
        var told = new ProtoConfig { ConfigurationHash = OldHash, TransferLimit = NewHash };
        command = command with { LastSent = command.LastSent! with { Path = "/c", Payload = told.ToByteArray() } };

        Assert.That(Evidence(command, Message(NewHash)).Kind, Is.EqualTo(CommandEvidenceKind.Applied));
        Assert.That(Evidence(command, Message(OldHash)).Kind, Is.EqualTo(CommandEvidenceKind.Unknown));
    }

    [TestCase(3600u, uint.MaxValue, CommandEvidenceKind.Applied)]
    [TestCase(3600u, 180u, CommandEvidenceKind.Unknown)]
    [TestCase(3600u, 0u, CommandEvidenceKind.Unknown, Description = "it is in another part, or not known to the sensor")]
    public void The_configuration_is_compared_field_by_field(uint interval, uint acknowledged, CommandEvidenceKind evidence) =>
        Assert.That(
            Evidence(Update(Slower), new ProtoConfig { TransmissionInterval = interval, AckInterval = acknowledged, ApnUsername = "other" }).Kind, Is.EqualTo(evidence));

    [Test]
    public void Of_a_list_the_places_that_were_sent_are_compared()
    {
        var command = Update("""{"rules": [{"condition": "disabled"}]}""");

        Assert.Multiple(() =>
        {
            Assert.That(Evidence(command, Rules(RuleCondition.Disabled, RuleCondition.StateChange)).Kind, Is.EqualTo(CommandEvidenceKind.Applied));
            Assert.That(Evidence(command, Rules(RuleCondition.StateChange, RuleCondition.Disabled)).Kind, Is.EqualTo(CommandEvidenceKind.Unknown));
            Assert.That(Evidence(command, Rules()).Kind, Is.EqualTo(CommandEvidenceKind.Unknown));
        });
    }

    [TestCase("00112233445566778899AABBCCDDEEFF", "6811", Description = "the last two bytes of its SHA-256 by sha256sum")]
    [TestCase("7f", "7f", Description = "no key")]
    public void A_key_is_known_by_its_trace(string key, string trace)
    {
        var command = Update($$"""{"network_key": "{{key}}"}""");

        Assert.That(Evidence(command, new ProtoConfig { NetworkKey = Bytes(trace) }).Kind, Is.EqualTo(CommandEvidenceKind.Applied));
        Assert.That(Evidence(command, new ProtoConfig { NetworkKey = Bytes("0001") }).Kind, Is.EqualTo(CommandEvidenceKind.Unknown));
    }

    [Test]
    public void Errors_that_came_after_the_command_reject_it()
    {
        var sent = (uint)Update(Slower).LastSent!.At.ToUnixTimeSeconds();

        Assert.Multiple(() =>
        {
            Assert.That(Evidence(Update(Slower), Errors(sent + 5)), Is.EqualTo(CommandEvidence.Rejected("the sensor reports configuration errors: 12, 17")));
            Assert.That(Evidence(Update(Slower), Errors(0)).Kind, Is.EqualTo(CommandEvidenceKind.Rejected));
            Assert.That(Evidence(Update(Slower), Errors(sent - 3600)).Kind, Is.EqualTo(CommandEvidenceKind.Unknown));
        });
    }

    [Test]
    public void What_was_asked_for_comes_and_nothing_else_counts()
    {
        var info = Sent(Command("request_device_info"));
        var configuration = Sent(Command("request_configuration"));

        Assert.Multiple(() =>
        {
            Assert.That(Script.Confirm(info, new ProtoDeviceInfo().ToByteArray(), Config, Request("/i")).Kind, Is.EqualTo(CommandEvidenceKind.Applied));
            Assert.That(Evidence(info, new ProtoConfig()).Kind, Is.EqualTo(CommandEvidenceKind.Unknown));
            Assert.That(Evidence(info, Message(OldHash)).Kind, Is.EqualTo(CommandEvidenceKind.Unknown));
            Assert.That(Evidence(configuration, new ProtoConfig()).Kind, Is.EqualTo(CommandEvidenceKind.Applied));
            Assert.That(Script.Confirm(configuration, new ProtoDeviceInfo().ToByteArray(), Config, Request("/i")).Kind, Is.EqualTo(CommandEvidenceKind.Unknown));
            Assert.That(Script.Confirm(configuration, [], Config, Request("/t")).Kind, Is.EqualTo(CommandEvidenceKind.Unknown));
        });
    }

    [TestCase("time_sync", "{}")]
    [TestCase("reset_memory", "{}")]
    [TestCase("clear_runtime_errors", "{}")]
    [TestCase("disable_modem", """{"seconds": 60}""")]
    public void A_request_without_a_trace_is_done_when_no_attempt_has_failed_since(string type, string payload)
    {
        var command = Sent(Command(type, payload));

        Assert.That(Evidence(command, Message(OldHash)).Kind, Is.EqualTo(CommandEvidenceKind.Applied));
        Assert.That(Evidence(command, Message(OldHash, 1u << 3)).Kind, Is.EqualTo(CommandEvidenceKind.Unknown));
    }

    [Test]
    public void An_output_shows_its_state()
    {
        var command = Sent(Command("set_outputs", """{"outputs": [{"channel": 2, "state": "on"}]}"""));

        Assert.Multiple(() =>
        {
            Assert.That(Evidence(command, Output(-1, 30)).Kind, Is.EqualTo(CommandEvidenceKind.Applied));
            Assert.That(Evidence(command, Output(1, -30)).Kind, Is.EqualTo(CommandEvidenceKind.Unknown));
            Assert.That(Evidence(command, Output()).Kind, Is.EqualTo(CommandEvidenceKind.Unknown));
            Assert.That(Evidence(command, Measurements(Channel(MeasurementType.Temperature, 0, 1))).Kind, Is.EqualTo(CommandEvidenceKind.Unknown));
        });
    }

    [Test]
    public void Commands_that_touch_different_fields_ride_together()
    {
        var batch = Together(("a", "config_update", """{"transmission_interval": 3600}"""), ("b", "time_sync", "{}"), ("c", "request_device_info", "{}"))!;
        var config = ProtoConfig.Parser.ParseFrom(batch.Payload);

        Assert.That(batch.RequestIds, Is.EqualTo(new[] { "a", "b", "c" }));
        Assert.That((config.TransmissionInterval, config.CurrentTime, config.DeviceInfoRequest), Is.EqualTo((3600u, (uint)Now, true)));
    }

    [Test]
    public void What_would_touch_a_field_again_waits_and_all_behind_it()
    {
        var batch = Together(
            ("a", "config_update", """{"transmission_interval": 3600}"""), ("b", "time_sync", "{}"), ("c", "config_update", """{"transmission_interval": 60}"""),
            ("d", "request_device_info", "{}"));

        Assert.That(batch!.RequestIds, Is.EqualTo(new[] { "a", "b" }));
    }

    [TestCase("disable_modem", """{"seconds": 60}""")]
    [TestCase("update_software", "{}")]
    [TestCase("update_modem", """{"url": "http://x/y"}""")]
    public void Nothing_rides_behind_what_silences_the_sensor(string type, string payload) =>
        Assert.That(Together(("a", "time_sync", "{}"), ("b", type, payload), ("c", "request_device_info", "{}"))!.RequestIds, Is.EqualTo(new[] { "a", "b" }));

    [Test]
    public void A_single_command_goes_its_own_way()
    {
        Assert.That(Together(("a", "time_sync", "{}")), Is.Null);
        Assert.That(Together(("a", "dance", "{}"), ("b", "time_sync", "{}")), Is.Null, "an unknown one is told so when it is tried alone");
        Assert.That(Together(("a", "time_sync", "{}"), ("b", "config_update", "{}"), ("c", "reset_memory", "{}")), Is.Null, "and so is one that is refused");
    }

    private static CommandBatch? Together(params (string Id, string Type, string Payload)[] commands) => Script.FormatCommands(
        [.. commands.Select(command => Command(command.Type, command.Payload) with { RequestId = command.Id })], Config, Request("/m"));

    private static Command Update(string payload) => Sent(Command("config_update", payload));

    private static Command Sent(Command command) => command with
    {
        LastSent = new CommandSending { At = DateTimeOffset.FromUnixTimeSeconds(Now), Attempt = 1, Path = "/m", Payload = Message(OldHash).ToByteArray() },
    };

    private static CommandEvidence Evidence(Command command, ProtoMeasurements message) => Script.Confirm(command, message.ToByteArray(), Config, Request("/m"));

    private static CommandEvidence Evidence(Command command, ProtoConfig message) => Script.Confirm(command, message.ToByteArray(), Config, Request("/c"));

    private static ProtoMeasurements Message(uint hash, uint reason = 0)
    {
        var message = Measurements(Channel(MeasurementType.Temperature, 200, 1));
        (message.ConfigurationHash, message.TransferReason) = (hash, reason);
        return message;
    }

    private static ProtoMeasurements Output(params int[] offsets) =>
        Measurements(Channel(MeasurementType.Temperature, 200, 1), Channel(MeasurementType.OutputControl, 0, offsets));

    private static ProtoConfig Rules(params RuleCondition[] conditions) => new() { Rules = { conditions.Select(condition => new ProtoRule { Condition = condition }) } };

    private static ProtoConfig Errors(uint timestamp) => new() { ConfigurationErrors = { 12, 17 }, ConfigurationErrorTimestamp = timestamp };

    private static ByteString Bytes(string hex) => ByteString.CopyFrom(Convert.FromHexString(hex));
}
