using System.CommandLine;

namespace Gateway.Cli;

/// <summary><c>sinks</c>, <c>dead-letters</c> and <c>replays</c>.</summary>
internal static class DeliveryCommands
{
    public static Command CreateSinks() => CallCommand.Group(
        "sinks", "Where readings go: list, show, pause, resume, replay.",
        Call.Listing("/sinks", "Lists the sinks that are at work.", ["name", "type", "state", "cursor", "lag", "delivered", "refused", "dead_letters", "problem"]),
        Call.Showing("/sinks/{name}", "Shows how a sink is."),
        Call.Doing("pause", "/sinks/{name}/pause", "Delivers nothing more to a sink, over restarts too, until it is resumed."),
        Call.Doing("resume", "/sinks/{name}/resume", "Lets a sink go on where it was."),
        Call.Doing("replay", "/sinks/{name}/dead-letters/replay", "Offers what a sink's other side has refused to it again, each message once."));

    public static Command CreateDeadLetters() => CallCommand.Group(
        "dead-letters", "Frames that are kept and could not be read; \"gateway replay\" reads them again.",
        Call.Listing(
            "/dead-letters", "Lists dead letters in the order in which they came.", ["sequence", "received_at", "device_id", "profile", "reason", "payload", "error"],
            Field.Query("device", "Only those of this device."), Field.Query("profile", "Only those of this profile."), Field.Query("since", "Only those that came since, such as 2026-01-31T12:00:00Z."),
            Field.Query("reason", "Only those that are dead letters for this reason, such as script_failed.")) with
        { Cursor = "after" });

    public static Command CreateReplays() => CallCommand.Group(
        "replays", "Replays of this start of the gateway; \"gateway replay\" begins one.",
        Call.Listing("/replays", "Lists them, the latest first.", ["id", "state", "started_at", "ended_at", "read", "parsed", "failed", "held"]),
        Call.Showing("/replays/{id}", "Shows how far one is, and what became of its frames."),
        new("cancel", HttpMethod.Delete, "/replays/{id}", "Ends one that is under way. What it has read stays read."));
}
