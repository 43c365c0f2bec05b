using System.CommandLine;

namespace Gateway.Cli;

/// <summary>What is known of the gateway itself: configuration, log, health, keys, the audit record, and why a device is served as it is.</summary>
internal static class SystemCommands
{
    public static IEnumerable<Command> Create() =>
    [
        CallCommand.Group(
            "profiles", "Kinds of devices: list, show.",
            Call.Listing("/profiles", "Lists the profiles of gateway.json.", ["name", "script", "unknown_devices", "labels"]),
            Call.Showing("/profiles/{name}", "Shows a profile.")),
        CallCommand.Group(
            "routes", "Which requests are taken, and for which profile.",
            Call.Listing("/routes", "Lists the routes in the order in which a request is compared with them.", ["path", "methods", "profile", "identity", "content_formats"])),
        CallCommand.Group(
            "configuration", "How gateway.json stands to what the gateway runs with: show, reload.",
            Call.Showing("/configuration", "Shows what is wrong with gateway.json, and what waits for a restart."),
            Call.Doing("reload", "/configuration/reload", "Has the gateway look at gateway.json now.")),
        CallCommand.Group(
            "log", "How much a running gateway logs: show, set.",
            Call.Showing("/log", "Shows how much is logged."),
            new("set", HttpMethod.Put, "/log", "Changes how much is logged, at once, until the gateway restarts or log changes in gateway.json.")
            {
                Fields =
                [
                    Field.Text("level", "The least level: trace, debug, info, warn or error.") with { IsRequired = true },
                    Field.Json("levels", "Other levels by category, such as {\"Gateway.Uplink\": \"debug\"}; none when missing."),
                ],
            }),
        CallCommand.Group(
            "keys", "API keys of a running gateway: list, add, revoke. \"gateway key\" works on their file, on the gateway's machine.",
            Call.Listing("/keys", "Lists the keys.", ["id", "name", "roles", "state", "created_at", "expires_at", "created_by"]),
            Call.Doing(
                "add", "/keys", "Makes a key, and shows it this once.", Field.Text("name", "What people call it.") with { IsRequired = true },
                Field.Texts("roles", "What it may do: viewer, operator, integrator or admin; may be repeated.") with { Option = "--role", IsRequired = true }, Field.Text("expires_at", "When it ends, such as 2027-01-31T00:00:00Z; never when missing.")),
            new("revoke", HttpMethod.Delete, "/keys/{id}", "Takes a key back, at once and for good.")),
        CallCommand.Group(
            "audit", "Who changed what: list.",
            Call.Listing(
                "/audit", "Lists changes, the newest first.", ["at", "actor", "action", "target", "result", "detail"],
                Field.Query("actor", "Only those of this key or person."), Field.Query("action", "Only this action."), Field.Query("target", "Only those to this target."), Field.Query("result", "Only those with this result."),
                Field.Query("since", "Only those since, such as 2026-01-31T12:00:00Z."), Field.Query("until", "Only those before.")) with { Cursor = "after" }),
        new CallCommand(Call.Showing("/devices/{device_id}/explain", "Tells what happens with a device, and why: what is known of it, what serves it, what it sent and what waits for it.") with { Name = "explain" }),
    ];
}
