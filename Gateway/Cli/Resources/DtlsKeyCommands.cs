using System.CommandLine;

namespace Gateway.Cli;

/// <summary><c>dtls-keys</c>: what devices shake hands with. Keys go in, and never come out.</summary>
internal static class DtlsKeyCommands
{
    private const string OfDevice = "/devices/{device_id}/dtls-keys";

    public static Command Create() => CallCommand.Group(
        "dtls-keys", "The DTLS keys of devices: list, set, remove, import.",
        Call.Listing(OfDevice, "Lists a device's identities, and when their keys are valid; never the keys.", ["identity", "keys"]),
        new("set", HttpMethod.Put, OfDevice + "/{identity}", "Gives an identity of a device a new key. The one before stays valid for a time.")
        {
            Fields =
            [
                Field.Text("key_hex", "The key, 8 to 64 bytes, as hexadecimal digits. In --data it stays out of the list of processes."),
                Field.Text("key_base64", "The key in Base64."),
                Field.Text("key_text", "The key as the bytes of a text."),
                Field.Number("overlap_seconds", "For how long the key of before stays valid; a week when missing, 0 ends it at once."),
            ],
        },
        new("remove", HttpMethod.Delete, OfDevice + "/{identity}", "Takes an identity's keys, and ends its sessions.") { Done = "removed" },
        new("import", HttpMethod.Post, "/dtls-keys", "Gives many identities new keys, all or none: a file with {\"keys\": [{\"device_id\", \"identity\", \"key_hex\"}, …]}.") { Body = BodyKind.File });
}
