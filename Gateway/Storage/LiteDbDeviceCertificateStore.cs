using Gateway.Coap.Dtls;
using Gateway.Devices;
using LiteDB;

namespace Gateway.Storage;

/// <summary>The fingerprints of devices' certificates in LiteDB, which are no secret: <c>{ _id: fingerprint, device, created_at, valid_until }</c>, times as milliseconds since 1970 UTC.</summary>
internal sealed class LiteDbDeviceCertificateStore(LiteDbStore store) : IDeviceCertificateStore
{
    public IReadOnlyList<DeviceCertificate> Load() => store.Read(database => Certificates(database).FindAll().Select(FromDocument).ToArray());

    public async ValueTask SaveAsync(IReadOnlyCollection<DeviceCertificate> certificates, CancellationToken cancellation)
    {
        BsonDocument[] documents = [.. certificates.Select(ToDocument)];
        await store.WriteAsync(database => Certificates(database).Upsert(documents), cancellation);
    }

    public async ValueTask DeleteAsync(CertificateFingerprint fingerprint, CancellationToken cancellation) =>
        await store.WriteAsync(database => Certificates(database).Delete(fingerprint.ToString()), cancellation);

    private static ILiteCollection<BsonDocument> Certificates(ILiteDatabase database) => database.GetCollection("dtls_certificates");

    private static BsonDocument ToDocument(DeviceCertificate certificate) => new()
    {
        ["_id"] = certificate.Fingerprint.ToString(),
        ["device"] = certificate.Device.ToString(),
        ["created_at"] = certificate.CreatedAt.ToUnixTimeMilliseconds(),
        ["valid_until"] = certificate.ValidUntil is { } until ? until.ToUnixTimeMilliseconds() : BsonValue.Null,
    };

    private static DeviceCertificate FromDocument(BsonDocument document) => new(
        CertificateFingerprint.TryParse(document["_id"].AsString, out var fingerprint) ? fingerprint
            : throw new StorageException($"the store has a DTLS certificate with the fingerprint \"{document["_id"].AsString}\", which is none: restore a backup"),
        DeviceId.Parse(document["device"].AsString),
        DateTimeOffset.FromUnixTimeMilliseconds(document["created_at"].AsInt64),
        document["valid_until"].IsNull ? null : DateTimeOffset.FromUnixTimeMilliseconds(document["valid_until"].AsInt64));
}
