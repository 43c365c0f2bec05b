using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Coap.Dtls;

/// <summary>The <c>x509</c> of the <c>coap.dtls</c> section. The files are looked at every few seconds; new ones need no restart.</summary>
internal sealed record X509Settings
{
    [Description("The gateway's certificate, with an ECDSA key (P-256, which all devices know, P-384 or P-521), and those that vouch for it (PEM), relative to this file. A device that asks for a raw public key (RFC 7250) gets the key alone.")]
    [Required]
    public string CertificateFile { get; init; } = "";

    [Description("The certificate's private key (PEM), relative to this file; null when certificate_file has it.")]
    public string? KeyFile { get; init; }

    [Description("The password of the key, such as \"${DTLS_KEY_PASSWORD}\".")]
    [PasswordPropertyText(true)]
    public string? Password { get; init; }

    [Description("The roots that devices' certificates must come from (PEM), relative to this file; null when only those are taken that a device is registered with.")]
    public string? ClientCaFile { get; init; }

    [Description("Whether a device must show a certificate: \"required\", or \"optional\", where one that shows none is known as little as one that speaks plain CoAP.")]
    public ClientCertificates ClientCertificates { get; init; }

    [Description("Where a certificate that comes from client_ca_file has its device's id: \"common_name\" of the subject, or the first \"dns_name\" or \"uri\" of its alternative names.")]
    public CertificateName ClientName { get; init; }
}

/// <summary>Whether a device must show a certificate.</summary>
internal enum ClientCertificates
{
    Required,
    Optional,
}

/// <summary>Which of the names in a certificate is the device's.</summary>
internal enum CertificateName
{
    /// <summary>The common name of its subject.</summary>
    CommonName,

    /// <summary>The first DNS name of its alternative names.</summary>
    DnsName,

    /// <summary>The first URI of its alternative names.</summary>
    Uri,
}
