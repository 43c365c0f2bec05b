using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using NATS.Client.Core;
using NATS.Client.JetStream.Models;

namespace Gateway.Sinks;

/// <summary>Says in the words of NATS.Net what gateway.json says.</summary>
internal static class NatsOptions
{
    private const int Port = 4222;

    /// <param name="settings">The settings, which have been checked.</param>
    /// <exception cref="InvalidDataException">The file of an NKey has none.</exception>
    public static NatsOpts Of(INatsServer settings)
    {
        var server = new Uri(settings.Url);
        var tls = server.Scheme == "tls";
        var key = settings.NkeyFile is { } file ? NkeyFile.Read(file) : default((string PublicKey, string Seed)?);
        var patience = TimeSpan.FromSeconds(settings.TimeoutSeconds);
        return NatsOpts.Default with
        {
            Url = string.Create(CultureInfo.InvariantCulture, $"{server.Scheme}://{(server.HostNameType is UriHostNameType.IPv6 ? server.Host : server.IdnHost)}:{(server.Port > 0 ? server.Port : Port)}"),
            Name = "coap-gateway",
            AuthOpts = new NatsAuthOpts
            {
                Username = settings.User,
                Password = settings.Password,
                Token = settings.Token,
                CredsFile = settings.CredentialsFile,
                NKey = key?.PublicKey,
                Seed = key?.Seed,
            },
            TlsOpts = new NatsTlsOpts
            {
                Mode = tls ? TlsMode.Require : TlsMode.Disable,
                InsecureSkipVerify = !settings.Tls.Verify,
                ConfigureClientAuthentication = options => Secure(options, settings.Tls),
            },
            ConnectTimeout = patience,
            CommandTimeout = patience,
            RequestTimeout = patience,

            // A connection that is lost is not made again: see JetStreamConnection.
            MaxReconnectRetry = 1,
            ReconnectWaitMin = TimeSpan.FromMilliseconds(1),
            ReconnectJitter = TimeSpan.FromMilliseconds(1),
        };
    }

    /// <summary>What is wrong with the settings of a server; a problem of null is none.</summary>
    public static IEnumerable<(string Setting, string? Problem)> Problems(INatsServer settings) =>
    [
        ("url", ServerUrl.Problem(settings.Url, "nats", "tls")),
        ("password", settings.Password is not null && settings.User is null ? "has no user: give both or neither" : null),
        ("credentials_file", OfFile(settings.CredentialsFile)),
        ("nkey_file", OfFile(settings.NkeyFile)),
        ("user", new[] { settings.User, settings.Token, settings.CredentialsFile, settings.NkeyFile }.Count(way => way is not null) > 1 ? "is one of several ways to say who the gateway is: give user, token, credentials_file or nkey_file" : null),
    ];

    /// <summary>The stream that is made when there is none.</summary>
    public static StreamConfig StreamOf(NatsSinkSettings settings) =>
        new(settings.Stream, settings.Subjects.Count > 0 ? [.. settings.Subjects] : [settings.Template.Pattern("*", ">")])
        {
            Storage = StreamConfigStorage.File,
            DuplicateWindow = TimeSpan.FromSeconds(settings.DuplicateWindowSeconds),
            MaxAge = TimeSpan.FromDays(settings.KeepDays),
        };

    private static string? OfFile(string? file) => file is not null && (string.IsNullOrWhiteSpace(file) || file.Contains('\0', StringComparison.Ordinal))
        ? "must name a file: leave it out, or write null, when there is none"
        : null;

    private static ValueTask Secure(SslClientAuthenticationOptions options, TlsSettings settings)
    {
        if (TlsFiles.Authorities(settings) is { } authorities)
        {
            // As .NET itself does: asking for revocation needs servers that a gateway's network often does not let it reach.
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        if (TlsFiles.Own(settings) is { } own)
        {
            options.ClientCertificates = [own];
        }

        return ValueTask.CompletedTask;
    }
}
