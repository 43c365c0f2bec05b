using System.Security.Cryptography;
using System.Text;

namespace Gateway.Coap.Dtls;

/// <summary>Where the server's certificate comes from: files, which may change at any time. While they can't be used, what they held before is. Used by one thread at a time.</summary>
internal sealed class CredentialFiles(X509Settings settings)
{
    private byte[]? _seen;

    /// <summary>What the files hold; null as long as they could never be used.</summary>
    public ServerCredential? Current { get; private set; }

    /// <summary>Why the files can't be used; null when they can.</summary>
    public string? Problem { get; private set; }

    /// <summary>Looks at the files.</summary>
    // They are compared by what is in them: links that are switched to another folder, as orchestrators do, change nothing else.
    public void Look()
    {
        try
        {
            var (certificate, key, authorities) = (File.ReadAllText(settings.CertificateFile), Text(settings.KeyFile), Text(settings.ClientCaFile));
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{certificate}\0{key}\0{authorities}"));
            if (_seen is null || !hash.AsSpan().SequenceEqual(_seen))
            {
                Current = ServerCredential.Read(certificate, key ?? certificate, settings.Password, authorities);
                _seen = hash;
            }

            Problem = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            var files = string.Join(", ", new[] { settings.CertificateFile, settings.KeyFile, settings.ClientCaFile }.OfType<string>());
            Problem = $"the certificate of coap.dtls.x509 ({files}) can't be used: {e.Message}";
        }
    }

    private static string? Text(string? path) => path is null ? null : File.ReadAllText(path);
}
