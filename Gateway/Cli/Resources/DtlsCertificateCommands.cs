using System.CommandLine;

namespace Gateway.Cli;

/// <summary><c>dtls-certificates</c>: the certificates and public keys that devices are known by.</summary>
internal static class DtlsCertificateCommands
{
    private const string OfDevice = "/devices/{device_id}/dtls-certificates";

    public static Command Create() => CallCommand.Group(
        "dtls-certificates", "The DTLS certificates and public keys that devices are known by: list, add, remove, import.",
        Call.Listing(OfDevice, "Lists a device's certificates by their fingerprints, and until when they are taken.", ["fingerprint", "created_at", "valid_until"]),
        new("add", HttpMethod.Post, OfDevice, "Has a device known by a certificate or public key, or gives one that is there another end.")
        {
            Fields =
            [
                Field.Text("fingerprint", "Its SHA-256, as \"openssl x509 -fingerprint -sha256\" tells it, or that of its public key."),
                Field.Text("certificate", "The certificate or the public key itself, as PEM: \"$(cat device.pem)\"."),
                Field.Text("valid_until", "When it is not taken any more, such as 2027-01-01T00:00:00Z; an end that is over shuts it out, also if an authority vouches for it."),
            ],
        },
        new("remove", HttpMethod.Delete, OfDevice + "/{fingerprint}", "Forgets a certificate, and ends the sessions that began with it.") { Done = "removed" },
        new("import", HttpMethod.Post, "/dtls-certificates", "Has many devices known by certificates, all or none: a file with {\"certificates\": [{\"device_id\", \"fingerprint\"}, …]}.") { Body = BodyKind.File });
}
