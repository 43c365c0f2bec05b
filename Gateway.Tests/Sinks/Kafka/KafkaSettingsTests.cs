using Confluent.Kafka;
using Gateway.Configuration;
using Gateway.Sinks;
using Gateway.Tests.Support;

namespace Gateway.Tests.Sinks.Kafka;

internal sealed class KafkaSettingsTests
{
    private const string Good = """ "type": "kafka", "servers": ["a:9092"] """;

    [TestCase(""" "type": "kafka" """, "sinks.a.servers: must be given: [\"host:9092\"]")]
    [TestCase(""" "type": "kafka", "servers": ["a:9092", "b"] """, "sinks.a.servers[1]: is no server: write host:9092")]
    [TestCase(""" "type": "kafka", "servers": ["ssl://a:9092"] """, "sinks.a.servers[0]: is no server: write host:9092")]
    [TestCase(""" "type": "kafka", "servers": ["a:9092,b:9092"] """, "sinks.a.servers[0]: is no server: write host:9092")]
    [TestCase(Good + """, "topics": { "readings": "a b" } """, "sinks.a.topics.readings: is no topic of Kafka: up to 249 letters, digits, \".\", \"_\" and \"-\"")]
    [TestCase(Good + """, "topics": { "errors": ".." } """, "sinks.a.topics.errors: is no topic of Kafka")]
    [TestCase(Good + """, "topics": { "errors": "" } """, "sinks.a.topics.errors: must not be empty")]
    [TestCase(Good + """, "sasl": { "mechanism": "scram_sha512", "user": "me" } """, "sinks.a.sasl.password: must be given with sasl.mechanism")]
    [TestCase(Good + """, "sasl": { "user": "me", "password": "secret" } """, "sinks.a.sasl.mechanism: must be given for a user")]
    [TestCase(Good + """, "sasl": { "mechanism": "md5" } """, "sinks.a.sasl.mechanism: \"md5\" is none of \"plain\", \"scram_sha256\", \"scram_sha512\"")]
    [TestCase(Good + """, "compression": "rar" """, "sinks.a.compression: \"rar\" is none of \"none\", \"gzip\", \"snappy\", \"lz4\", \"zstd\"")]
    [TestCase(Good + """, "tls": { "ca_file": "ca.pem" } """, "sinks.a.security: must be \"tls\" for what tls says")]
    [TestCase(Good + """, "security": "tls", "tls": { "key_file": "a.key" } """, "sinks.a.tls.certificate_file: a certificate and its key go together")]
    [TestCase(Good + """, "client_id": "" """, "sinks.a.client_id: must not be empty")]
    [TestCase(Good + """, "options": { "acks": "1" } """, "sinks.a.options[\"acks\"]: is \"all\"")]
    [TestCase(Good + """, "options": { "enable.idempotence": "false" } """, "sinks.a.options[\"enable.idempotence\"]: is true")]
    [TestCase(Good + """, "options": { "message.timeout.ms": "5000" } """, "sinks.a.options[\"message.timeout.ms\"]: would let a message be lost")]
    [TestCase(Good + """, "options": { "partitioner": "random" } """, "sinks.a.options[\"partitioner\"]: is \"murmur2_random\"")]
    [TestCase(Good + """, "options": { "queuing.strategy": "lifo" } """, "sinks.a.options[\"queuing.strategy\"]: would let messages overtake each other")]
    [TestCase(Good + """, "options": { "test.mock.num.brokers": "3" } """, "sinks.a.options[\"test.mock.num.brokers\"]: is for librdkafka's own tests")]
    [TestCase(Good + """, "options": { "dotnet.producer.enable.delivery.reports": "false" } """, "sinks.a.options[\"dotnet.producer.enable.delivery.reports\"]: would keep from the sink")]
    [TestCase(Good + """, "options": { "sasl.password": "secret" } """, "sinks.a.options[\"sasl.password\"]: has a setting of its own: sasl.password")]
    [TestCase(Good + """, "options": { "lingerr.ms": "5" } """, "sinks.a.options[\"lingerr.ms\"]: librdkafka does not take it: No such configuration property")]
    [TestCase(Good + """, "options": { "linger.ms": "soon" } """, "sinks.a.options[\"linger.ms\"]: librdkafka does not take it: Invalid value")]
    [TestCase(Good + """, "timeout_seconds": 10, "options": { "linger.ms": "5000" } """, "sinks.a.options[\"linger.ms\"]: must be less than half of timeout_seconds")]
    [TestCase(Good + """, "options": { "reconnect.backoff.ms": "5000" } """, "sinks.a.options[\"reconnect.backoff.ms\"]: librdkafka does not take it")]
    [TestCase(Good + """, "options": { "max.in.flight": "100" } """, "sinks.a.options[\"max.in.flight\"]: librdkafka does not take it")]
    public void Bad_settings_are_refused_at_start(string sink, string problem) =>
        Assert.That(Load(sink).ProblemLines.Single(), Does.Contain(problem).And.Not.Contain("secret"));

    [Test]
    public void What_the_settings_say_is_said_to_librdkafka()
    {
        var loaded = Load("""
            "type": "kafka", "servers": ["a:9092", "[::1]:9093"], "security": "tls", "tls": { "ca_file": "ca.pem", "verify": false }, "client_id": "hall-7",
            "sasl": { "mechanism": "scram_sha512", "user": "me", "password": "${TOKEN}" }, "compression": "zstd", "options": { "linger.ms": "20", "socket.keepalive.enable": "true" }
            """);

        Assert.That(loaded.ProblemLines, Is.Empty);
        var options = KafkaOptions.Of((KafkaSinkSettings)loaded.Settings.Sinks["a"]).ToDictionary(option => option.Key, option => option.Value);
        Assert.That(options, Is.SupersetOf(new Dictionary<string, string>
        {
            ["bootstrap.servers"] = "a:9092,[::1]:9093",
            ["security.protocol"] = "sasl_ssl",
            ["ssl.ca.location"] = Path.Combine(loaded.BaseFolder, "ca.pem"),
            ["enable.ssl.certificate.verification"] = "False",
            ["client.id"] = "hall-7",
            ["sasl.mechanism"] = "SCRAM-SHA-512",
            ["sasl.username"] = "me",
            ["sasl.password"] = "s3cret",
            ["compression.type"] = "zstd",
            ["linger.ms"] = "20",
            ["enable.idempotence"] = "True",
            ["enable.gapless.guarantee"] = "True",
            ["acks"] = "-1",
            ["partitioner"] = "murmur2_random",
            ["message.timeout.ms"] = "0",
        }));
    }

    [Test]
    public void Without_settings_nothing_is_secured_and_nobody_is_named() =>
        Assert.That(KafkaOptions.Of(new KafkaSinkSettings { Servers = ["a:9092"] }).SecurityProtocol, Is.EqualTo(SecurityProtocol.Plaintext));

    private static LoadedConfiguration Load(string sink)
    {
        using var folder = new TempFolder();
        return ConfigurationLoader.Load(new ConfigurationSources
        {
            File = folder.Write("gateway.json", $$"""{ "sinks": { "a": { {{sink}} } } }"""),
            Environment = new Dictionary<string, string> { ["TOKEN"] = "s3cret" },
        });
    }
}
