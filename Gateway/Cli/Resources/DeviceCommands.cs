using System.CommandLine;

namespace Gateway.Cli;

/// <summary><c>devices</c>: who is known, and who waits to be let in.</summary>
internal static class DeviceCommands
{
    private static readonly Field[] Filters =
    [
        Field.Query("state", "Only devices in this state: active, held or rejected."),
        Field.Query("profile", "Only devices of this profile."),
        Field.Query("label", "Only devices with this label."),
        Field.Query("seen_since", "Only devices that spoke at this instant or later, such as 2026-01-31T12:00:00Z."),
        Field.Query("seen_before", "Only devices that have been silent since this instant."),
    ];

    private static readonly Field[] Settings =
    [
        Field.Text("profile", "One of the profiles of gateway.json."),
        Field.Text("parser_script_ref", "The script that understands the device; the profile's when missing."),
        Field.Json("settings", "Settings for the script, as a JSON object; they override the profile's one by one."),
        Field.Texts("labels", "A label that every reading of the device gets; may be repeated.") with { Option = "--label" },
        Field.Json("metadata", "Metadata that every reading of the device gets, as a JSON object of texts."),
        Field.Text("token", "The token that its frames must bring; only its hash is kept."),
    ];

    private static readonly Field IfMatch = new("If-Match", FieldKind.Header, "Only if the device still has this ETag, as \"devices show\" gives it with --json.") { Option = "--if-match" };

    public static Command Create()
    {
        return CallCommand.Group(
            "devices", "The devices: list, held, show, add, replace, change, remove, approve, reject, commands, exchanges, import, export, trace.",
            Call.Listing("/devices", "Lists devices in the order of their ids.", ["device_id", "state", "profile", "parser_script_ref", "labels", "last_seen_at", "updated_at"], Filters) with { Cursor = "after" },
            Call.Listing("/devices", "Lists devices that wait for approval.", ["device_id", "profile", "created_at", "last_seen_at"], Field.Fixed("state", "held")) with { Name = "held", Cursor = "after" },
            Call.Showing("/devices/{device_id}", "Shows a device."),
            Call.Doing("add", "/devices", "Registers a device.", [Field.Argument("device_id", "The device's id."), .. Settings]),
            new("replace", HttpMethod.Put, "/devices/{device_id}", "Replaces all of a device's configuration, whatever it was; with --if-none-match '*', registers it.")
            {
                Fields = [.. Settings, IfMatch with { Default = "*" }, new("If-None-Match", FieldKind.Header, "With *, only if there is no such device yet.") { Option = "--if-none-match" }],
            },
            new("change", HttpMethod.Patch, "/devices/{device_id}", "Changes what is given of a device's configuration; null in --data takes a member away.")
            {
                Fields = [.. Settings, IfMatch],
                ContentType = "application/merge-patch+json",
            },
            new("remove", HttpMethod.Delete, "/devices/{device_id}", "Forgets a device. Its commands and its frames in the journal stay.") { Fields = [IfMatch], Done = "removed" },
            Call.Doing("approve", "/devices/{device_id}/approve", "Lets a held or rejected device in. What it sent while it was held is read then.", [.. Settings.Where(field => field.Name is not ("settings" or "token"))]),
            Call.Doing("reject", "/devices/{device_id}/reject", "Lets a device not in: it is answered 4.03 until it is approved or removed."),
            new("trace", HttpMethod.Put, "/devices/{device_id}/trace", "Has the gateway log a device's messages with their bytes, both ways, for a while.") { Fields = [Field.Number("seconds", "For how long, 1 to 86400.") with { IsRequired = true }] },
            Call.Showing("/devices/{device_id}/trace", "Shows until when a device is traced.") with { Name = "traced" },
            new("untrace", HttpMethod.Delete, "/devices/{device_id}/trace", "Logs a device's messages no longer.") { Done = "not traced any more" },
            Call.Listing("/devices/{device_id}/commands", "Lists a device's commands, the newest first.", CommandCommands.Columns) with { Name = "commands", HasLimit = true },
            Call.Listing(
                "/devices/{device_id}/exchanges", "Lists a device's last messages and their answers, the newest first, as far as they are remembered.",
                ["received_at", "method", "path", "payload_length", "outcome", "readings", "code", "commands", "milliseconds", "problem"]) with
            { Name = "exchanges", HasLimit = true },
            new("export", HttpMethod.Get, "/export/devices", "Writes devices to standard output, one a line, in a form that import takes.")
            {
                Fields = [.. Filters, Field.Query("format", "ndjson or csv.")],
            },
            new("import", HttpMethod.Post, "/import/devices", "Registers devices of a file, one a line, as NDJSON or CSV (its name says which). Shows a line for each, and one with the sums.")
            {
                Body = BodyKind.File,
                ContentType = "application/x-ndjson",
                ContentTypes = new Dictionary<string, string> { [".csv"] = "text/csv" },
                Fields = [Field.Query("on_existing", "What becomes of devices that are there already: fail, replace or skip."), Field.Query("failures_only", "true shows only lines that failed, and the sums.")],
            });
    }
}
