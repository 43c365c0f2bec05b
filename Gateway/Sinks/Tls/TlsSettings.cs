using System.ComponentModel;

namespace Gateway.Sinks;

/// <summary>The <c>tls</c> of a sink: whom it trusts, and who it is itself. The files are read with each new connection.</summary>
internal sealed record TlsSettings
{
    [Description("A file of certificates (PEM) whose authorities are trusted instead of the machine's own, relative to this file; null trusts the machine's.")]
    public string? CaFile { get; init; }

    [Description("The sink's own certificate (PEM), for a server that asks for one, relative to this file.")]
    public string? CertificateFile { get; init; }

    [Description("The private key of that certificate (PEM, not encrypted), relative to this file.")]
    public string? KeyFile { get; init; }

    [Description("Whether the server must prove who it is. Without that anybody on the way can read and change what is sent: switch it off for a try only.")]
    public bool Verify { get; init; } = true;

    public IEnumerable<(string Setting, string Problem)> Problems()
    {
        foreach (var (setting, file) in new[] { ("tls.ca_file", CaFile), ("tls.certificate_file", CertificateFile), ("tls.key_file", KeyFile) })
        {
            if (file is not null && (string.IsNullOrWhiteSpace(file) || file.Contains('\0', StringComparison.Ordinal)))
            {
                yield return (setting, "must name a file: leave it out, or write null, when there is none");
            }
        }

        if (CertificateFile is null != KeyFile is null)
        {
            yield return (CertificateFile is null ? "tls.certificate_file" : "tls.key_file", "a certificate and its key go together: give both or neither");
        }
    }

    public TlsSettings WithPaths(Func<string, string> absolute) => this with
    {
        CaFile = CaFile is { } ca ? absolute(ca) : null,
        CertificateFile = CertificateFile is { } certificate ? absolute(certificate) : null,
        KeyFile = KeyFile is { } key ? absolute(key) : null,
    };
}
