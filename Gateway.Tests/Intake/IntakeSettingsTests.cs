using Gateway.Configuration;
using Gateway.Tests.Support;

namespace Gateway.Tests.Intake;

/// <summary>The section "intake" of gateway.json.</summary>
internal sealed class IntakeSettingsTests
{
    [TestCase("""{ "type": "mqtt", "client_id": "a" }""", "intake.a.url: must be given")]
    [TestCase("""{ "type": "mqtt", "url": "mqtt://b" }""", "intake.a.client_id: must be given")]
    [TestCase("""{ "type": "mqtt", "url": "mqtt://b", "client_id": "a", "topics": ["a/{index}"] }""", "intake.a.topics[0]: takes the variable {device_id} and no other")]
    [TestCase("""{ "type": "mqtt", "url": "mqtt://b", "client_id": "a", "reply_topic": "devices/{device_id}/commands" }""", "intake.a.reply_topic: is among the topics of devices/{device_id}/commands")]
    [TestCase("""{ "type": "nats", "url": "nats://b", "ack_wait_seconds": 10 }""", "intake.a.ack_wait_seconds: must be more than retry.longest_wait_seconds")]
    [TestCase("""{ "type": "nats", "url": "nats://b", "subject": "devices.*" }""", "intake.a.subject: \"*\" is not allowed in a topic of NATS")]
    [TestCase("""{ "type": "nats", "url": "nats://b", "consumer": "a b" }""", "intake.a.consumer: must have no white space")]
    [TestCase("""{ "type": "kafka" }""", "intake.a.servers: must be given")]
    [TestCase("""{ "type": "kafka", "servers": ["b:9092"], "reply_topic": "device_commands" }""", "intake.a.reply_topic: is the topic of commands")]
    public void Bad_settings_are_refused_at_start(string intake, string problem)
    {
        using var folder = new TempFolder();
        var file = folder.Write("gateway.json", $$"""{ "intake": { "a": {{intake}} } }""");

        Assert.That(ConfigurationLoader.Load(new ConfigurationSources { File = file }).ProblemLines, Has.Some.Contains(problem));
    }
}
