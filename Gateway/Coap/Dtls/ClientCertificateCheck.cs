using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Tls;

namespace Gateway.Coap.Dtls;

/// <summary>Who a client is by the certificate, or the public key, that it has shown. That it has the key too is for the handshake to see.</summary>
//
//   known by its fingerprint?  ── yes, and valid ──► its device
//       │ no               └── yes, but over  ──► nobody
//       ▼
//   from one of the roots, valid now, meant for clients? ──► the name in it
//
internal sealed class ClientCertificateCheck(X509Settings settings, ServerCredential credential, IDtlsCertificates pins, TimeProvider time)
{
    private const int MaxName = 128;

    // RFC 5280 §4.2.1.12: a certificate that says what it is for must say this.
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    /// <summary>Whether a client may go without.</summary>
    public bool IsOptional => settings.ClientCertificates == ClientCertificates.Optional;

    /// <summary>Who has shown it; null for nobody, and then the reason is for the log.</summary>
    public DtlsIdentity? Check(Org.BouncyCastle.Tls.Certificate shown, out string? reason)
    {
        try
        {
            var credential = CredentialOf(shown);
            var kind = shown.CertificateType == CertificateType.RawPublicKey ? CredentialKind.RawPublicKey : CredentialKind.Certificate;
            var identity = OfPin(credential.Whole, kind, out reason, out var isKnown);
            if (!isKnown && credential.PublicKey is { } key)
            {
                var ofKey = OfPin(key, kind, out var why, out isKnown);
                (identity, reason) = isKnown ? (ofKey, why) : (identity, reason);
            }

            return isKnown || kind == CredentialKind.RawPublicKey ? identity : OfAuthority(shown, ref reason);
        }
        catch (CryptographicException e)
        {
            reason = e.Message;
            return null;
        }
    }

    /// <summary>What has been shown, by its fingerprints.</summary>
    /// <exception cref="CryptographicException">It is no certificate.</exception>
    public static SessionCredential CredentialOf(Org.BouncyCastle.Tls.Certificate shown)
    {
        var encoded = shown.GetCertificateAt(0).GetEncoded();
        if (shown.CertificateType == CertificateType.RawPublicKey)
        {
            return new SessionCredential(CertificateFingerprint.Of(encoded), null);
        }

        using var certificate = X509CertificateLoader.LoadCertificate(encoded);
        return new SessionCredential(CertificateFingerprint.Of(encoded), CertificateFingerprint.Of(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    private DtlsIdentity? OfPin(CertificateFingerprint fingerprint, CredentialKind kind, out string? reason, out bool isKnown)
    {
        var pin = pins.Find(fingerprint);
        isKnown = pin is not null;
        reason = pin switch
        {
            null => $"nobody has a certificate or key with the fingerprint {fingerprint}",
            { IsValid: false } => $"the time of {pin.Value.Owner}'s certificate {fingerprint} is over",
            _ => null,
        };
        return reason is null ? new DtlsIdentity(fingerprint.ToString(), pin!.Value.Owner, kind) : null;
    }

    private DtlsIdentity? OfAuthority(Org.BouncyCastle.Tls.Certificate shown, ref string? reason)
    {
        if (credential.Authorities.Count == 0)
        {
            return null;
        }

        using var certificate = X509CertificateLoader.LoadCertificate(shown.GetCertificateAt(0).GetEncoded());
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(credential.Authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(ClientAuthentication);
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
        for (var i = 1; i < shown.Length; i++)
        {
            chain.ChainPolicy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(shown.GetCertificateAt(i).GetEncoded()));
        }

        var isGood = chain.Build(certificate);
        reason = isGood ? null : $"the certificate of {certificate.Subject}: {string.Join("; ", chain.ChainStatus.Select(status => status.StatusInformation.Trim()).Distinct())}";
        foreach (var element in chain.ChainElements)
        {
            element.Certificate.Dispose();
        }

        if (!isGood)
        {
            return null;
        }

        var name = NameIn(certificate);
        reason = name is null ? $"the certificate of {certificate.Subject} has not exactly one {settings.ClientName} of 1 to {MaxName} characters" : null;
        return name is null ? null : new DtlsIdentity(name, name, CredentialKind.Certificate);
    }

    private string? NameIn(X509Certificate2 certificate)
    {
        var names = settings.ClientName switch
        {
            CertificateName.CommonName => CommonNames(certificate),
            CertificateName.DnsName => AlternativeNames(certificate, GeneralName.DnsName).Take(1),
            _ => AlternativeNames(certificate, GeneralName.UniformResourceIdentifier).Take(1),
        };
        return names.ToList() is [{ Length: > 0 and <= MaxName } name] ? name : null;
    }

    // A subject with two common names would be two devices.
    private static IEnumerable<string> CommonNames(X509Certificate2 certificate)
    {
        return StructureOf(certificate).Subject.GetValueList(X509Name.CN);
    }

    private static IEnumerable<string> AlternativeNames(X509Certificate2 certificate, int kind)
    {
        var names = StructureOf(certificate).Extensions?.GetExtension(X509Extensions.SubjectAlternativeName) is { } extension ? GeneralNames.GetInstance(extension.GetParsedValue()).GetNames() : [];
        return names.Where(name => name.TagNo == kind).Select(name => name.Name.ToString()!);
    }

    private static X509CertificateStructure StructureOf(X509Certificate2 certificate) => X509CertificateStructure.GetInstance(Asn1Object.FromByteArray(certificate.RawData));
}
