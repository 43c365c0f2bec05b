using System.Globalization;
using System.Net;
using Gateway.Access;
using Gateway.Configuration;
using Microsoft.Data.Sqlite;

namespace Gateway.Cli;

/// <summary>Whether the management API has keys, and whether it needs them.</summary>
internal static class KeyLook
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    public static IEnumerable<Finding> Run(GatewaySettings settings, DateTimeOffset now)
    {
        const string subject = "API keys";
        var isLocal = IPAddress.IsLoopback(IPAddress.Parse(settings.Api.Address));
        if (!TryRead(settings.Access.Path, out var keys, out var problem))
        {
            yield return Finding.Bad(subject, $"{settings.Access.Path} can't be read: {problem}", "run this as the gateway's user, or put a backup of the file in its place");
            yield break;
        }

        var usable = keys.Where(key => key.RevokedAt is null && (key.ExpiresAt is null || key.ExpiresAt > now)).ToList();
        yield return (usable.Count, isLocal) switch
        {
            (0, true) => Finding.Odd(subject, $"there is none that can be used; on {settings.Api.Address} whoever is on this machine may do everything", "\"gateway key add --name NAME --role admin\" makes one, and closes the API to all others"),
            (0, false) => Finding.Bad(subject, $"there is none that can be used, and other machines can reach {settings.Api.Address}", "\"gateway key add --name NAME --role admin\" makes one"),
            _ => Finding.Good(subject, string.Create(CultureInfo.InvariantCulture, $"{usable.Count} can be used")),
        };
        foreach (var key in usable.Where(key => key.ExpiresAt < now + Soon))
        {
            yield return Finding.Odd(subject, string.Create(CultureInfo.InvariantCulture, $"{key.Name} ({key.Id}) ends {key.ExpiresAt:yyyy-MM-dd HH:mm}Z"), "make another one for whoever uses it");
        }
    }

    // Nothing is made where nothing is yet.
    private static bool TryRead(string path, out IReadOnlyList<ApiKey> keys, out string? problem)
    {
        (keys, problem) = ([], null);
        if (!File.Exists(path))
        {
            return true;
        }

        try
        {
            using var connection = AccessFile.Connect(path, pooled: false);
            keys = KeyTable.All(connection);
            return true;
        }
        catch (Exception e) when (e is SqliteException or AccessException)
        {
            problem = e.Message;
            return false;
        }
    }
}
