using System.Security.Cryptography.X509Certificates;

namespace Gateway.Sinks;

/// <summary>Reads the certificates that a sink's settings name.</summary>
internal static class TlsFiles
{
    /// <summary>The authorities to trust; null when those of the machine are.</summary>
    public static X509Certificate2Collection? Authorities(TlsSettings settings)
    {
        if (settings.CaFile is null)
        {
            return null;
        }

        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(settings.CaFile);
        return authorities.Count > 0 ? authorities : throw new InvalidDataException($"tls.ca_file: there is no certificate in {settings.CaFile}");
    }

    /// <summary>The sink's own certificate with its key; null when it has none.</summary>
    public static X509Certificate2? Own(TlsSettings settings)
    {
        if (settings.CertificateFile is null)
        {
            return null;
        }

        // Through PKCS #12: Windows can't use the key of a certificate that was made of PEM alone.
        using var pem = X509Certificate2.CreateFromPemFile(settings.CertificateFile, settings.KeyFile);
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }
}
