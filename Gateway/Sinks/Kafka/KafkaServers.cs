using Confluent.Kafka;

namespace Gateway.Sinks;

/// <summary>Says in librdkafka's words how a cluster is reached, for producers and consumers.</summary>
internal static class KafkaServers
{
    /// <param name="options">Those of the client.</param>
    /// <param name="settings">The settings, which have been checked.</param>
    public static void Reach(ClientConfig options, IKafkaCluster settings)
    {
        options.BootstrapServers = string.Join(',', settings.Servers);
        options.ClientId = settings.ClientId;
        options.SecurityProtocol = (settings.Security, settings.Sasl.Mechanism) switch
        {
            (KafkaSecurity.Tls, null) => SecurityProtocol.Ssl,
            (KafkaSecurity.Tls, _) => SecurityProtocol.SaslSsl,
            (_, null) => SecurityProtocol.Plaintext,
            _ => SecurityProtocol.SaslPlaintext,
        };
        Secure(options, settings.Tls);
        Introduce(options, settings.Sasl);
    }

    /// <summary>What is wrong with the settings of a cluster.</summary>
    public static IEnumerable<(string Setting, string Problem)> Problems(IKafkaCluster settings) =>
        [.. OfServers(settings.Servers), .. settings.Tls.Problems(), .. OfSecurity(settings), .. settings.Sasl.Problems()];

    private static IEnumerable<(string Setting, string Problem)> OfServers(IReadOnlyList<string> servers)
    {
        if (servers.Count == 0)
        {
            yield return ("servers", "must be given: [\"host:9092\"]");
        }

        for (var i = 0; i < servers.Count; i++)
        {
            if (!IsServer(servers[i]))
            {
                yield return ($"servers[{i}]", "is no server: write host:9092");
            }
        }
    }

    // librdkafka takes a list apart at its commas, and would take a scheme for a way to secure the connection.
    private static bool IsServer(string server) =>
        !server.AsSpan().ContainsAny(", /@") && Uri.TryCreate($"kafka://{server}", UriKind.Absolute, out var uri) && uri is { Host.Length: > 0, Port: > 0 };

    private static IEnumerable<(string Setting, string Problem)> OfSecurity(IKafkaCluster settings) =>
        settings.Security is KafkaSecurity.None && settings.Tls != new TlsSettings() ? [("security", "must be \"tls\" for what tls says")] : [];

    private static void Secure(ClientConfig options, TlsSettings tls)
    {
        (options.SslCaLocation, options.SslCertificateLocation, options.SslKeyLocation) = (tls.CaFile, tls.CertificateFile, tls.KeyFile);
        if (!tls.Verify)
        {
            options.EnableSslCertificateVerification = false;
        }
    }

    private static void Introduce(ClientConfig options, KafkaSaslSettings sasl)
    {
        if (sasl.Mechanism is { } mechanism)
        {
            options.SaslMechanism = Enum.Parse<SaslMechanism>(mechanism.ToString());
            (options.SaslUsername, options.SaslPassword) = (sasl.User, sasl.Password);
        }
    }
}
