using System.Collections.ObjectModel;
using Gateway.Intake;
using Gateway.Sinks;

namespace Gateway.Configuration;

/// <summary>The files and folders that gateway.json names. A relative one is meant from the folder of gateway.json.</summary>
internal static class SettingsPlaces
{
    // NTFS and APFS, as they come, take Data.db and data.db for the same file.
    public static StringComparer Comparer { get; } = OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;

    /// <summary>The files that the gateway writes, each with its place in gateway.json. Two of them in one file would destroy each other.</summary>
    public static IEnumerable<(string Place, string File)> Written(GatewaySettings settings) =>
    [
        ("storage.path", settings.Storage.Path),
        ("storage.key_path", settings.Storage.KeyPath),
        ("journal.path", settings.Journal.Path),
        ("access.path", settings.Access.Path),
        .. settings.Coap.Dtls is { Enabled: true, SessionsPath: { } sessions } ? new[] { ("coap.dtls.sessions_path", sessions) } : [],
        .. FileSinks(settings, onlyEnabled: true),
    ];

    /// <summary>All that is named anywhere.</summary>
    public static IEnumerable<(string Place, string File)> All(GatewaySettings settings) =>
    [
        ("scripts.path", settings.Scripts.Path),
        ("scripts.protos_path", settings.Scripts.ProtosPath),
        ("scripts.cache_path", settings.Scripts.CachePath ?? ""),
        ("scripts.versions_path", settings.Scripts.VersionsPath ?? ""),
        ("devices.import_path", settings.Devices.ImportPath ?? ""),
        ("storage.path", settings.Storage.Path),
        ("storage.key_path", settings.Storage.KeyPath),
        ("journal.path", settings.Journal.Path),
        ("access.path", settings.Access.Path),
        ("api.tls.certificate_file", settings.Api.Tls?.CertificateFile ?? ""),
        ("api.tls.key_file", settings.Api.Tls?.KeyFile ?? ""),
        ("coap.dtls.sessions_path", settings.Coap.Dtls.SessionsPath ?? ""),
        ("coap.dtls.x509.certificate_file", settings.Coap.Dtls.X509?.CertificateFile ?? ""),
        ("coap.dtls.x509.key_file", settings.Coap.Dtls.X509?.KeyFile ?? ""),
        ("coap.dtls.x509.client_ca_file", settings.Coap.Dtls.X509?.ClientCaFile ?? ""),
        ("backup.path", settings.Backup.Path),
        .. FileSinks(settings, onlyEnabled: false),
        .. DeadLetters(settings),
    ];

    /// <summary>The settings with absolute paths.</summary>
    public static GatewaySettings Resolve(GatewaySettings settings, string baseFolder)
    {
        string Absolute(string path) => Path.GetFullPath(path, baseFolder);

        return settings with
        {
            Scripts = settings.Scripts with
            {
                Path = Absolute(settings.Scripts.Path),
                ProtosPath = Absolute(settings.Scripts.ProtosPath),
                CachePath = string.IsNullOrWhiteSpace(settings.Scripts.CachePath) ? null : Absolute(settings.Scripts.CachePath),
                VersionsPath = string.IsNullOrWhiteSpace(settings.Scripts.VersionsPath) ? null : Absolute(settings.Scripts.VersionsPath),
            },
            Devices = settings.Devices with { ImportPath = settings.Devices.ImportPath is { } path ? Absolute(path) : null },
            Storage = settings.Storage with { Path = Absolute(settings.Storage.Path), KeyPath = Absolute(settings.Storage.KeyPath) },
            Journal = settings.Journal with { Path = Absolute(settings.Journal.Path) },
            Api = settings.Api.Tls is not { } tls ? settings.Api : settings.Api with
            {
                Tls = tls with { CertificateFile = Absolute(tls.CertificateFile), KeyFile = tls.KeyFile is { } key ? Absolute(key) : null },
            },
            Coap = settings.Coap with
            {
                Dtls = settings.Coap.Dtls with
                {
                    SessionsPath = string.IsNullOrWhiteSpace(settings.Coap.Dtls.SessionsPath) ? null : Absolute(settings.Coap.Dtls.SessionsPath),
                    X509 = settings.Coap.Dtls.X509 is not { } x509 ? null : x509 with
                    {
                        CertificateFile = Absolute(x509.CertificateFile),
                        KeyFile = x509.KeyFile is { } keyFile ? Absolute(keyFile) : null,
                        ClientCaFile = x509.ClientCaFile is { } authorities ? Absolute(authorities) : null,
                    },
                },
            },
            Access = settings.Access with { Path = Absolute(settings.Access.Path) },
            Backup = settings.Backup with { Path = Absolute(settings.Backup.Path) },
            Sinks = new ReadOnlyDictionary<string, SinkSettings>(new OrderedDictionary<string, SinkSettings>(
                from sink in settings.Sinks
                select KeyValuePair.Create(sink.Key, Resolve(sink.Value, Absolute)))),
            Intake = new ReadOnlyDictionary<string, IntakeSettings>(new OrderedDictionary<string, IntakeSettings>(
                from intake in settings.Intake
                select KeyValuePair.Create(intake.Key, intake.Value.WithPaths(Absolute)))),
        };
    }

    private static SinkSettings Resolve(SinkSettings sink, Func<string, string> absolute)
    {
        var resolved = sink.WithPaths(absolute) with { DeadLetters = sink.DeadLetters with { Path = absolute(sink.DeadLetters.Path) } };
        return resolved is FileSinkSettings file ? file with { Path = absolute(file.Path) } : resolved;
    }

    private static IEnumerable<(string Place, string File)> DeadLetters(GatewaySettings settings) =>
        settings.Sinks.Select(sink => (SettingsPath.Member("sinks", sink.Key) + ".dead_letters.path", sink.Value.DeadLetters.Path));

    private static IEnumerable<(string Place, string File)> FileSinks(GatewaySettings settings, bool onlyEnabled) =>
        from entry in settings.Sinks
        let sink = entry.Value as FileSinkSettings
        where sink is not null && (sink.Enabled || !onlyEnabled)
        select (SettingsPath.Member(SettingsPath.Member("sinks", entry.Key), "path"), sink.Path);
}
