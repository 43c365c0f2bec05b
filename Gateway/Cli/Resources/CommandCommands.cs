using System.CommandLine;

namespace Gateway.Cli;

/// <summary><c>commands</c>: what waits for devices, and what has become of it; <c>runs</c>: the same for many devices at once.</summary>
internal static class CommandCommands
{
    /// <summary>How a list of commands is shown.</summary>
    public static readonly Column[] Columns = ["request_id", "device_id", "command_type", "state", "attempts", "created_at", "reason"];

    private static readonly Field[] Terms =
    [
        Field.Json("payload", "What the script makes bytes of, as JSON."),
        Field.Text("parser_script_ref", "A script of its own, instead of the device's."),
        Field.Number("priority", "Higher ones go out first; 0 when missing."),
        Field.Text("expires_at", "Until when it may go out, such as 2026-01-31T12:00:00Z."),
        Field.Number("ttl", "For how many seconds it may go out, instead of --expires-at."),
        Field.Text("not_before", "From when on it may go out."),
        Field.Number("max_attempts", "How often it is sent at most."),
        Field.Text("dedup_key", "A later command with the same key takes the place of one that waits."),
        Field.Text("confirm", "What counts as evidence: sent, next_message or script."),
        Field.Json("metadata", "Metadata, as a JSON object."),
    ];

    public static Command Create()
    {
        return CallCommand.Group(
            "commands", "Commands for devices: add, list, show, cancel, batch.",
            Call.Doing(
                "add", "/commands", "Queues a command. It goes out with the answer to the device's next confirmable message.",
                [Field.Argument("device_id", "The device."), Field.Argument("command_type", "The command, as the device's script knows it."), .. Terms, Field.Text("request_id", "Your own id of the command: the same one again is the same command.")]),
            Call.Listing(
                "/commands", "Lists commands, the newest first.", Columns,
                Field.Query("device_id", "Only those of this device.") with { Option = "--device" }, Field.Query("state", "Only those in this state, such as queued, sent or delivered."), Field.Query("run_id", "Only those of this run.") with { Option = "--run" }) with
            { Cursor = "after" },
            Call.Showing("/commands/{request_id}", "Shows a command with its history."),
            new("cancel", HttpMethod.Delete, "/commands/{request_id}", "Takes a command back that waits."),
            new("batch", HttpMethod.Post, "/commands/batch", "Queues the commands of a file, each for itself: a JSON array, or one a line (.ndjson).")
            {
                Body = BodyKind.File,
                ContentTypes = new Dictionary<string, string> { [".ndjson"] = "application/x-ndjson" },
            });
    }

    /// <summary>The group <c>runs</c>.</summary>
    public static Command CreateRuns() => CallCommand.Group(
        "runs", "One command for all devices of a profile or label, so many a second: begin, list, show, pause, resume, cancel.",
        Call.Doing(
            "begin", "/command-runs", "Begins a run. It halts when too many of its commands fail.",
            Field.Text("profile", "For all active devices of this profile."), Field.Text("label", "For all active devices with this label."),
            Field.Json("command", "The command, as JSON without a device_id: {\"command_type\": \"...\", \"payload\": {...}}.") with { IsRequired = true },
            Field.Number("commands_per_second", "How many are queued in a second."), Field.Number("max_failure_ratio", "Halts when more than this part of those that ended has failed, such as 0.1."),
            Field.Number("min_judged", "How many must have ended before that is judged."), Field.Text("run_id", "Your own id of the run.")),
        Call.Listing("/command-runs", "Lists runs, the newest first.", ["run_id", "state", "profile", "label", "command.command_type", "total", "remaining", "delivered", "applied", "failed", "created_at"]) with { HasLimit = true },
        Call.Showing("/command-runs/{run_id}", "Shows how far a run is."),
        Call.Doing("pause", "/command-runs/{run_id}/pause", "Queues nothing more, and keeps back what waits, until it is resumed."),
        Call.Doing("resume", "/command-runs/{run_id}/resume", "Lets a run go on that is paused or halted."),
        new("cancel", HttpMethod.Delete, "/command-runs/{run_id}", "Calls a run off."));
}
