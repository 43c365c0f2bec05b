using System.CommandLine;

namespace Gateway.Cli;

/// <summary><c>scripts</c>: what is live on a running gateway, and how another version gets there.</summary>
internal static class ScriptCommands
{
    public static Command Create() => CallCommand.Group(
        "scripts", "Scripts of the running gateway: list, show, rollback, activate, candidates.",
        Call.Listing("/scripts", "Lists the scripts.", ["name", new("live", "live.version"), "file_version", new("candidate", "candidate.version"), "problems"]),
        Call.Showing("/scripts/{name}", "Shows a script: what is live, what is wrong with its file, and which versions can be gone back to."),
        Call.Listing("/scripts/{name}/commands", "Lists the commands that a script says it knows.", ["command_type", "description", "schema"]) with { Name = "commands" },
        Call.Doing("rollback", "/scripts/{name}/rollback", "Makes the version before the present one live, until the file is edited."),
        Call.Doing("activate", "/scripts/{name}/versions/{version}/activate", "Makes a version live that was so before, until the file is edited."),
        Call.Showing("/scripts/{name}/candidate", "Shows how a script's candidate does on the frames of the live version.") with { Name = "candidate" },
        new("shadow", HttpMethod.Put, "/scripts/{name}/candidate", "Puts a candidate beside a script, to be tried on real frames.") { Body = BodyKind.File, ContentType = "text/plain" },
        Call.Doing("promote", "/scripts/{name}/candidate/promote", "Makes the candidate live."),
        new("discard", HttpMethod.Delete, "/scripts/{name}/candidate", "Takes the candidate away.") { Done = "discarded" });
}
