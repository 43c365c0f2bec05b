using System.Globalization;
using Confluent.Kafka;

namespace Gateway.Sinks;

/// <summary>Says in librdkafka's words what gateway.json says, and guards those that keep messages safe and in order.</summary>
internal static class KafkaOptions
{
    private const string HasASetting = "has a setting of its own";
    private const string TakenBack = "would let a message be lost: the sink decides how long it is tried";
    private const string Order = "would let messages overtake each other";
    private const string Answers = "would keep from the sink what became of its messages";

    // Names that end with a point stand for all that begin so.
    private static readonly (string Name, string Reason)[] Guarded =
    [
        ("acks", "is \"all\": what only one broker has is lost with it"),
        ("request.required.acks", "is \"all\": what only one broker has is lost with it"),
        ("enable.idempotence", "is true: else messages would come twice and out of order"),
        ("enable.gapless.guarantee", "is true: else what is behind a message that was refused would overtake those that were refused with it"),
        ("transactional.id", "can't be: the sink uses no transactions"),
        ("partitioner", "is \"murmur2_random\", as Java's clients have it: a device's messages must stay in one partition"),
        ("message.timeout.ms", TakenBack),
        ("delivery.timeout.ms", TakenBack),
        ("message.send.max.retries", TakenBack),
        ("retries", TakenBack),
        ("queuing.strategy", Order),
        ("delivery.report.only.error", Answers),
        ("dr_cb", Answers),
        ("dr_msg_cb", Answers),
        ("enabled_events", Answers),
        ("dotnet.", Answers),
        ("test.", "is for librdkafka's own tests, where messages go nowhere"),
        ("plugin.library.paths", "would run other programs' code in the gateway"),
        ("bootstrap.servers", $"{HasASetting}: servers"),
        ("metadata.broker.list", $"{HasASetting}: servers"),
        ("security.protocol", $"{HasASetting}: security"),
        ("sasl.mechanism", $"{HasASetting}: sasl.mechanism"),
        ("sasl.mechanisms", $"{HasASetting}: sasl.mechanism"),
        ("sasl.username", $"{HasASetting}: sasl.user"),
        ("sasl.password", $"{HasASetting}: sasl.password"),
        ("ssl.ca.location", $"{HasASetting}: tls.ca_file"),
        ("ssl.certificate.location", $"{HasASetting}: tls.certificate_file"),
        ("ssl.key.location", $"{HasASetting}: tls.key_file"),
        ("enable.ssl.certificate.verification", $"{HasASetting}: tls.verify"),
        ("client.id", $"{HasASetting}: client_id"),
        ("compression.codec", $"{HasASetting}: compression"),
        ("compression.type", $"{HasASetting}: compression"),
    ];

    /// <param name="settings">The sink's settings, which have been checked.</param>
    public static ProducerConfig Of(KafkaSinkSettings settings)
    {
        var options = new ProducerConfig
        {
            CompressionType = Enum.Parse<CompressionType>(settings.Compression.ToString()),

            // A topic that is not there is said to be so before the sink's own patience ends, which knows no reasons.
            TopicMetadataPropagationMaxMs = (int)TimeSpan.FromSeconds(settings.TimeoutSeconds / 2).TotalMilliseconds,
        };
        Promise(options);
        KafkaServers.Reach(options, settings);
        foreach (var (name, value) in settings.Options)
        {
            options.Set(name, value);
        }

        return options;
    }

    /// <summary>What is wrong with the further settings: those that are guarded, and those that librdkafka does not know or take.</summary>
    public static IEnumerable<(string Setting, string Problem)> Problems(KafkaSinkSettings settings) =>
        from option in settings.Options
        let problem = ReasonAgainst(option.Key) ?? Impatience(option, settings.TimeoutSeconds) ?? Objection(option)
        where problem is not null
        select (string.Create(CultureInfo.InvariantCulture, $"options[\"{option.Key}\"]"), problem);

    private static string? ReasonAgainst(string option) =>
        Guarded.FirstOrDefault(guard => guard.Name == option || (guard.Name.EndsWith('.') && option.StartsWith(guard.Name, StringComparison.Ordinal))).Reason;

    // A producer that collects messages for longer than the sink waits for an answer would send none, ever.
    private static string? Impatience(KeyValuePair<string, string> option, double timeoutSeconds) =>
        option.Key is "linger.ms" or "queue.buffering.max.ms"
        && double.TryParse(option.Value, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds >= timeoutSeconds * 1000 / 2
            ? "must be less than half of timeout_seconds, or nothing would be sent"
            : null;

    // librdkafka knows best. Without servers a producer connects to nothing.
    private static string? Objection(KeyValuePair<string, string> option)
    {
        try
        {
            var config = new ProducerConfig();
            Promise(config);
            config.Set(option.Key, option.Value);
            using var producer = new ProducerBuilder<byte[]?, byte[]>(config).SetLogHandler((_, _) => { }).Build();
            return null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or KafkaException or DllNotFoundException)
        {
            return $"librdkafka does not take it: {exception.Message}";
        }
    }

    private static void Promise(ProducerConfig options)
    {
        options.Acks = Acks.All;
        options.EnableIdempotence = true;
        options.EnableGaplessGuarantee = true;
        options.Partitioner = Partitioner.Murmur2Random;

        // A message that librdkafka gave up by itself could be overtaken by the next one: the sink's own patience ends the whole producer instead.
        options.MessageTimeoutMs = 0;

        // Messages are not to wait for long when the brokers are back; librdkafka's own longest wait is 10 s.
        options.ReconnectBackoffMaxMs = 2000;
    }
}
