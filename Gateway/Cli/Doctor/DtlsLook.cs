using System.Globalization;
using Gateway.Coap.Dtls;
using Gateway.Configuration;

namespace Gateway.Cli;

/// <summary>Whether DTLS has what it needs: the key that devices' keys are sealed with, a certificate that can be used, and sessions of the past.</summary>
internal static class DtlsLook
{
    private const int KeyBytes = 32;

    public static IEnumerable<Finding> Run(GatewaySettings settings, DateTimeOffset now)
    {
        var dtls = settings.Coap.Dtls;
        return !dtls.Enabled ? [] : [KeyFile(settings.Storage.KeyPath), .. Certificate(dtls.X509), .. Sessions(dtls.SessionsPath, now)];
    }

    private static Finding KeyFile(string path)
    {
        const string subject = "storage.key_path";
        try
        {
            return !File.Exists(path) ? Finding.Good(subject, $"{path} is not there yet; it is made with the first key of a device, or the first session")
                : new FileInfo(path).Length is not KeyBytes and var length
                    ? Finding.Bad(subject, string.Create(CultureInfo.InvariantCulture, $"{path} has {length} bytes instead of {KeyBytes}"), "put the file back that the store was sealed with")
                    : Finding.Good(subject, $"{path} is there; no backup has it, so keep a copy elsewhere");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Bad(subject, $"{path} can't be read: {e.Message}", "let the gateway's user read it");
        }
    }

    // How long it holds is looked at with all other certificates.
    private static IEnumerable<Finding> Certificate(X509Settings? x509)
    {
        if (x509 is null)
        {
            yield break;
        }

        const string subject = "coap.dtls.x509";
        var files = new CredentialFiles(x509);
        files.Look();
        yield return files.Problem is { } problem
            ? Finding.Bad(subject, problem, "give it an ECDSA certificate (P-256) with its key, both PEM")
            : Finding.Good(subject, $"{files.Current!.Subject}, with its key; {files.Current.Authorities.Count.ToString(CultureInfo.InvariantCulture)} roots for devices");
    }

    private static IEnumerable<Finding> Sessions(string? path, DateTimeOffset now)
    {
        if (path is null || !File.Exists(path))
        {
            yield break;
        }

        const string subject = "coap.dtls.sessions_path";
        var written = new DateTimeOffset(File.GetLastWriteTimeUtc(path));
        yield return written > now
            ? Finding.Odd(subject, string.Create(CultureInfo.InvariantCulture, $"{path} was written {written:yyyy-MM-dd HH:mm:ss}Z, which is still to come"), "set the clock: with one that went back, each device shakes hands again")
            : Finding.Good(subject, string.Create(CultureInfo.InvariantCulture, $"{path} was written {written:yyyy-MM-dd HH:mm:ss}Z"));
    }
}
