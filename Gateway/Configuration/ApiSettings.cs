using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Configuration;

/// <summary>The <c>api</c> section of gateway.json.</summary>
internal sealed record ApiSettings
{
    [Description("The address that the management API listens on. One that other machines can reach needs a key (\"gateway key add\") and tls.")]
    [Required]
    public string Address { get; init; } = "127.0.0.1";

    [Description("The TCP port; 0 picks a free one and the start-up line says which.")]
    [Range(0, 65535)]
    public int Port { get; init; } = 8080;

    [Description("The certificate for HTTPS; null serves plain HTTP.")]
    public ApiTlsSettings? Tls { get; init; }

    [Description("Whether an address that other machines can reach may do without tls: for a network where a proxy in front brings it. Keys are sent as they are then.")]
    public bool AllowPlainHttp { get; init; }
}

/// <summary>The <c>tls</c> of the <c>api</c> section. The files are looked at every few seconds; a new certificate needs no restart.</summary>
internal sealed record ApiTlsSettings
{
    [Description("The certificate and those that vouch for it (PEM), or certificate and key in one (PFX), relative to this file.")]
    [Required]
    public string CertificateFile { get; init; } = "";

    [Description("The certificate's private key (PEM), relative to this file; null when certificate_file has it.")]
    public string? KeyFile { get; init; }

    [Description("The password of the key or of the PFX file, such as \"${API_TLS_PASSWORD}\".")]
    [PasswordPropertyText(true)]
    public string? Password { get; init; }
}
