using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Configuration;

namespace Gateway.Cli;

/// <summary>Who may read and write the gateway's files, whether its scripts are there, and how long its certificates hold.</summary>
internal static class FileLook
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    public static IEnumerable<Finding> Run(LoadedConfiguration configuration, DateTimeOffset now) =>
    [
        .. Rights(configuration),
        .. Scripts(configuration.Settings),
        .. Certificates(configuration, now),
    ];

    private static IEnumerable<Finding> Rights(LoadedConfiguration configuration)
    {
        if (OperatingSystem.IsWindows())
        {
            yield break;
        }

        var settings = configuration.Settings;
        (string Place, string? Path, UnixFileMode Forbidden, string Why)[] rules =
        [
            ("gateway.json", configuration.File, UnixFileMode.OtherWrite, "whoever may write it decides what the gateway does"),
            ("scripts.path", settings.Scripts.Path, UnixFileMode.OtherWrite, "whoever may write there runs code in the gateway"),
            ("journal.path", settings.Journal.Path, UnixFileMode.OtherWrite | UnixFileMode.OtherRead, "it has all that devices send"),
            ("storage.path", settings.Storage.Path, UnixFileMode.OtherWrite | UnixFileMode.OtherRead, "it has all devices and commands"),
            ("storage.key_path", settings.Storage.KeyPath, UnixFileMode.OtherWrite | UnixFileMode.OtherRead, "it opens the DTLS keys of all devices"),
            ("coap.dtls.sessions_path", settings.Coap.Dtls.SessionsPath, UnixFileMode.OtherWrite | UnixFileMode.OtherRead, "it has the keys of DTLS sessions"),
            ("access.path", settings.Access.Path, UnixFileMode.OtherWrite | UnixFileMode.OtherRead, "it has the hashes of all keys"),
        ];
        foreach (var (place, path, forbidden, why) in rules)
        {
            if (path is null || !Path.Exists(path))
            {
                continue;
            }

            var open = File.GetUnixFileMode(path) & forbidden;
            yield return open == UnixFileMode.None ? Finding.Good(place, $"{path} is for its owner and group")
                : Finding.Odd(place, $"anybody on this machine may {(open.HasFlag(UnixFileMode.OtherWrite) ? "write" : "read")} {path}; {why}", $"chmod o-{(open.HasFlag(UnixFileMode.OtherWrite) ? "w" : "")}{(open.HasFlag(UnixFileMode.OtherRead) ? "r" : "")} {path}");
        }
    }

    private static IEnumerable<Finding> Scripts(GatewaySettings settings)
    {
        var folder = settings.Scripts.Path;
        if (!Directory.Exists(folder))
        {
            yield return Finding.Bad("scripts.path", $"{folder} is not there", "make it, or name another folder");
            yield break;
        }

        string[] missing = [.. settings.Profiles.Where(profile => !File.Exists(Path.Combine(folder, profile.Value.Script))).Select(profile => $"{profile.Value.Script} (profiles.{profile.Key})")];
        yield return missing.Length > 0
            ? Finding.Bad("scripts", $"{folder} lacks {string.Join(", ", missing)}", "put them there, or correct the profiles; frames are kept until then")
            : Finding.Good("scripts", $"each profile's is in {folder}; \"gateway check\" compiles them and runs their vectors");
    }

    // Whatever gateway.json names that ends like a certificate: the places differ from sink to sink.
    private static IEnumerable<Finding> Certificates(LoadedConfiguration configuration, DateTimeOffset now) =>
        SettingsFiles.Of(configuration).Where(file => file.Place.EndsWith("certificate_file", StringComparison.Ordinal) || file.Place.EndsWith("ca_file", StringComparison.Ordinal))
            .Select(file => Certificate(file.Place, file.Path, now));

    private static Finding Certificate(string place, string path, DateTimeOffset now)
    {
        try
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPemFile(path);
            if (all.Count == 0)
            {
                return Finding.Bad(place, $"there is no certificate in {path}", "put one there, as PEM");
            }

            var end = all.Min(certificate => new DateTimeOffset(certificate.NotAfter.ToUniversalTime()));
            var fact = string.Create(CultureInfo.InvariantCulture, $"{path} holds until {end:yyyy-MM-dd HH:mm}Z");
            return end < now ? Finding.Bad(place, fact, "renew it")
                : end < now + Soon ? Finding.Odd(place, fact, "renew it soon")
                : Finding.Good(place, fact);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return Finding.Bad(place, $"{path} can't be read: {e.Message}", "put a certificate there, as PEM, that the gateway's user may read");
        }
    }
}
