using System.ComponentModel;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Access;
using Gateway.Coap.Dtls;
using Gateway.Commands;
using Gateway.Devices;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary><c>/api/v1/devices/{device_id}/dtls-certificates</c> and <c>/api/v1/dtls-certificates</c>: the certificates and public keys that devices are known by.</summary>
internal static class DeviceCertificateEndpoints
{
    private const int MaxBatch = 1000;

    public static void MapDeviceCertificates(this IEndpointRouteBuilder api)
    {
        var device = api.MapGroup("/devices/{device_id}/dtls-certificates").WithTags("DTLS certificates");
        device.MapGet("", List).For(Role.Operator).ProducesProblem(400)
            .WithName("ListDtlsCertificates").WithSummary("The certificates and public keys that a device is known by over DTLS, whoever vouches for them.");
        device.MapPost("", AddAsync).For(Role.Admin).ProducesProblem(400).ProducesProblem(409).ProducesProblem(422)
            .WithName("AddDtlsCertificate").WithSummary("Has a device known by a certificate or public key, or gives one that is there another end. With an end that is over, it is refused also if an authority vouches for it.");
        device.MapDelete("/{fingerprint}", DeleteAsync).For(Role.Admin).ProducesProblem(400).ProducesProblem(404)
            .WithName("DeleteDtlsCertificate").WithSummary("Forgets a certificate, and ends the sessions that began with it.");
        api.MapPost("/dtls-certificates", ImportAsync).For(Role.Admin).WithTags("DTLS certificates").ProducesProblem(400).ProducesProblem(409).ProducesProblem(422)
            .WithName("ImportDtlsCertificates").WithSummary($"Has devices known by up to {MaxBatch} certificates, all or none.");
    }

    private static Results<Ok<DtlsCertificateList>, ProblemHttpResult> List(string device_id, DeviceCertificates certificates) =>
        DeviceId.TryParse(device_id, out var device)
            ? TypedResults.Ok(new DtlsCertificateList([.. certificates.Of(device).Select(DtlsCertificateStatus.Of)]))
            : Problems.BadRequest(DeviceId.Problem(device_id));

    private static async Task<Results<Ok<DtlsCertificateList>, ProblemHttpResult>> AddAsync(
        string device_id, DtlsCertificateDocument body, DeviceCertificates certificates, TimeProvider time, CancellationToken cancellation) =>
        body.DeviceId is not null && body.DeviceId != device_id
            ? Problems.Unprocessable("device_id", $"the body is of device {body.DeviceId}, the path of {device_id}")
            : await PutAsync([body with { DeviceId = device_id }], "", certificates, time, cancellation);

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string device_id, string fingerprint, DeviceCertificates certificates, CancellationToken cancellation) =>
        !DeviceId.TryParse(device_id, out var device) ? Problems.BadRequest(DeviceId.Problem(device_id))
        : !CertificateFingerprint.TryParse(fingerprint, out var known) ? Problems.BadRequest(DtlsCertificateDocument.NoFingerprint)
        : await certificates.DeleteAsync(device, known, cancellation) ? TypedResults.NoContent()
        : Problems.NotFound($"device {device_id} has no certificate {known}");

    private static Task<Results<Ok<DtlsCertificateList>, ProblemHttpResult>> ImportAsync(
        DtlsCertificateBatch body, DeviceCertificates certificates, TimeProvider time, CancellationToken cancellation) =>
        PutAsync(body.Certificates ?? [], "certificates", certificates, time, cancellation);

    private static async Task<Results<Ok<DtlsCertificateList>, ProblemHttpResult>> PutAsync(
        IReadOnlyList<DtlsCertificateDocument?> documents, string place, DeviceCertificates certificates, TimeProvider time, CancellationToken cancellation)
    {
        if (documents.Count is 0 or > MaxBatch)
        {
            return Problems.Unprocessable("certificates", $"1 to {MaxBatch} certificates are taken at once, not {documents.Count}");
        }

        var problems = new List<FieldProblem>();
        var now = time.GetUtcNow();
        var wanted = new Dictionary<CertificateFingerprint, DeviceCertificate>();
        for (var i = 0; i < documents.Count; i++)
        {
            var prefix = place.Length == 0 ? "" : $"{place}[{i}].";
            if (documents[i] is not { } document)
            {
                problems.Add(FieldProblem.Of($"{place}[{i}]", "is null, and no certificate"));
            }
            else if (document.Read(prefix, now, problems) is { } certificate && !wanted.TryAdd(certificate.Fingerprint, certificate))
            {
                problems.Add(FieldProblem.Of($"{prefix}fingerprint", $"{certificate.Fingerprint} is in the list already"));
            }
        }

        if (problems.Count > 0)
        {
            return Problems.Unprocessable(problems);
        }

        var taken = await certificates.PutAsync(wanted.Values, cancellation);
        return taken.Count == 0
            ? TypedResults.Ok(new DtlsCertificateList([.. wanted.Values.Select(DtlsCertificateStatus.Of)]))
            : Problems.Conflict(string.Join("; ", taken.Select(certificate => $"{certificate.Fingerprint} is of device {certificate.Device}: delete it there first")));
    }
}

/// <summary>A certificate or public key of a device: as exactly one of <c>fingerprint</c> and <c>certificate</c>.</summary>
internal sealed record DtlsCertificateDocument
{
    public const string NoFingerprint = "a fingerprint is a SHA-256: 64 hexadecimal digits, with colons between the bytes or without";

    [Description("Whose it is. In the path it need not be said again.")]
    public string? DeviceId { get; init; }

    [Description("The SHA-256 of the certificate (DER), as \"openssl x509 -fingerprint -sha256\" tells it, or of its public key (SubjectPublicKeyInfo, DER), which stays when the certificate is renewed.")]
    public string? Fingerprint { get; init; }

    [Description("The certificate (PEM, CERTIFICATE), or the public key (PEM, PUBLIC KEY).")]
    public string? Certificate { get; init; }

    [Description("When it is not taken any more, also if an authority vouches for it; missing for never. What the certificate itself says of its time is not looked at.")]
    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>What it says; null when that is nothing, and then there are more problems.</summary>
    public DeviceCertificate? Read(string prefix, DateTimeOffset now, List<FieldProblem> problems)
    {
        var before = problems.Count;
        if (!Devices.DeviceId.TryParse(DeviceId, out var device))
        {
            problems.Add(FieldProblem.Of($"{prefix}device_id", Devices.DeviceId.Problem(DeviceId)));
        }

        CertificateFingerprint fingerprint = default;
        if (Fingerprint is null == Certificate is null)
        {
            problems.Add(FieldProblem.Of($"{prefix}fingerprint", "exactly one of fingerprint and certificate must be there"));
        }
        else if (Fingerprint is not null && !CertificateFingerprint.TryParse(Fingerprint, out fingerprint))
        {
            problems.Add(FieldProblem.Of($"{prefix}fingerprint", NoFingerprint));
        }
        else if (Certificate is not null && !TryReadPem(Certificate, out fingerprint))
        {
            problems.Add(FieldProblem.Of($"{prefix}certificate", "is neither a certificate (PEM, CERTIFICATE) nor an ECDSA public key (PEM, PUBLIC KEY)"));
        }

        return problems.Count == before ? new DeviceCertificate(fingerprint, device, now, ValidUntil) : null;
    }

    private static bool TryReadPem(string pem, out CertificateFingerprint fingerprint)
    {
        fingerprint = default;
        try
        {
            if (!PemEncoding.TryFind(pem, out var fields))
            {
                return false;
            }

            var encoded = Convert.FromBase64String(pem[fields.Base64Data]);
            switch (pem[fields.Label])
            {
                case "CERTIFICATE":
                    using (var certificate = X509CertificateLoader.LoadCertificate(encoded))
                    {
                        encoded = certificate.RawData;
                    }

                    break;
                case "PUBLIC KEY":
                    using (var key = ECDsa.Create())
                    {
                        key.ImportSubjectPublicKeyInfo(encoded, out _);
                        encoded = key.ExportSubjectPublicKeyInfo();
                    }

                    break;
                default:
                    return false;
            }

            fingerprint = CertificateFingerprint.Of(encoded);
            return true;
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return false;
        }
    }
}

/// <summary>Certificates of many devices.</summary>
internal sealed record DtlsCertificateBatch
{
    public IReadOnlyList<DtlsCertificateDocument?>? Certificates { get; init; }
}

/// <summary>The certificates of a device, or of those of a batch.</summary>
internal sealed record DtlsCertificateList(IReadOnlyList<DtlsCertificateStatus> Items);

/// <summary>What is told of a certificate.</summary>
internal sealed record DtlsCertificateStatus(string Fingerprint, string DeviceId, DateTimeOffset CreatedAt, DateTimeOffset? ValidUntil)
{
    public static DtlsCertificateStatus Of(DeviceCertificate certificate) =>
        new(certificate.Fingerprint.ToString(), certificate.Device.ToString(), certificate.CreatedAt, certificate.ValidUntil);
}
