using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Gateway.Sinks;

/// <summary>Says in MQTTnet's words what gateway.json says.</summary>
internal static class MqttOptions
{
    private const int Port = 1883;
    private const int TlsPort = 8883;

    /// <param name="settings">The sink's settings, which have been checked.</param>
    public static MqttClientOptions Of(MqttSinkSettings settings)
    {
        // MQTT 3.1.1 §3.1.3.1: every server takes 23 letters and digits, and maybe no more.
        var options = Server(settings, settings.ClientId ?? $"gateway{Guid.NewGuid():N}"[..23])

            // The sink asks for nothing, so there is no session to keep.
            .WithCleanSession(true);
        if (settings.Will.Topic is { } topic)
        {
            options.WithWillTopic(topic).WithWillPayload(settings.Will.Offline).WithWillRetain(true)
                .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);
        }

        return options.Build();
    }

    /// <summary>What is wrong with the settings of a server; a problem of null is none.</summary>
    public static IEnumerable<(string Setting, string? Problem)> Problems(IMqttServer settings) =>
    [
        ("url", ServerUrl.Problem(settings.Url, "mqtt", "mqtts")),
        ("password", settings.Password is not null && settings.User is null ? "has no user: give both or neither" : null),
    ];

    /// <summary>How the server is reached, and who comes.</summary>
    /// <param name="settings">The settings, which have been checked.</param>
    /// <param name="clientId">The client identifier.</param>
    public static MqttClientOptionsBuilder Server(IMqttServer settings, string clientId)
    {
        var server = new Uri(settings.Url);
        var tls = server.Scheme == "mqtts";
        var options = new MqttClientOptionsBuilder()
            .WithTcpServer(server.IdnHost.Trim('[', ']'), server.IsDefaultPort || server.Port < 0 ? (tls ? TlsPort : Port) : server.Port)
            .WithProtocolVersion(settings.Version is MqttVersion.V5 ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311)
            .WithClientId(clientId)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(settings.KeepAliveSeconds))
            .WithTimeout(TimeSpan.FromSeconds(settings.TimeoutSeconds));
        if (settings.User is not null)
        {
            options.WithCredentials(settings.User, settings.Password);
        }

        if (tls)
        {
            options.WithTlsOptions(builder => Secure(builder.UseTls(true), settings.Tls));
        }

        return options;
    }

    private static void Secure(MqttClientTlsOptionsBuilder builder, TlsSettings settings)
    {
        // As .NET itself does: asking for revocation needs servers that a gateway's network often does not let it reach.
        builder.WithRevocationMode(X509RevocationMode.NoCheck);
        if (TlsFiles.Authorities(settings) is { } authorities)
        {
            builder.WithTrustChain(authorities);
        }

        if (TlsFiles.Own(settings) is { } own)
        {
            builder.WithClientCertificates([own]);
        }

        if (!settings.Verify)
        {
            builder.WithCertificateValidationHandler(_ => true);
        }
    }
}
