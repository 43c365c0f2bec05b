using System.CommandLine;

namespace Gateway.Cli;

/// <summary><c>devices</c>: who is known, and who waits to be let in.</summary>
internal static class DeviceCommands
{
    private static readonly Field[] Filters = [Field.Query("state", "Only devices in this state: active or held.")];

    private static readonly Field[] Settings =
    [
        Field.Text("profile", "One of the profiles of gateway.json."),
        Field.Text("parser_script_ref", "The script that understands the device; the profile's when missing."),
        Field.Json("settings", "Settings for the script, as a JSON object; they override the profile's one by one."),
        Field.Texts("labels", "A label that every reading of the device gets; may be repeated.") with { Option = "--label" },
        Field.Json("metadata", "Metadata that every reading of the device gets, as a JSON object of texts."),
        Field.Text("token", "The token that its frames must bring; only its hash is kept."),
    ];

    public static Command Create()
    {
        return CallCommand.Group(
            "devices", "The devices: list, show, add, replace, remove.",
            Call.Listing("/devices", "Lists devices in the order of their ids.", ["device_id", "state", "profile", "parser_script_ref", "labels", "updated_at"], Filters) with { Cursor = "after" },
            Call.Listing("/devices", "Lists devices that wait for approval.", ["device_id", "profile", "created_at"], Field.Fixed("state", "held")) with { Name = "held", Cursor = "after" },
            Call.Showing("/devices/{device_id}", "Shows a device."),
            Call.Doing("add", "/devices", "Registers a device.", [Field.Argument("device_id", "The device's id."), .. Settings]),
            new("replace", HttpMethod.Put, "/devices/{device_id}", "Registers a device, or replaces all of its configuration, whatever it was.") { Fields = Settings },
            new("remove", HttpMethod.Delete, "/devices/{device_id}", "Forgets a device. Its commands and its frames in the journal stay.") { Done = "removed" },
            Call.Listing("/devices/{device_id}/commands", "Lists a device's commands, the newest first.", CommandCommands.Columns) with { Name = "commands", HasLimit = true });
    }
}
