using System.CommandLine;

namespace Gateway.Cli;

/// <summary><c>scripts</c>: what is live on a running gateway, and how another version gets there.</summary>
internal static class ScriptCommands
{
    public static Command Create() => CallCommand.Group(
        "scripts", "Scripts of the running gateway: list, show, source, upload, validate, dry-run, rollback, activate, candidates.",
        Call.Listing("/scripts", "Lists the scripts.", ["name", new("live", "live.version"), "file_version", new("candidate", "candidate.version"), "problems"]),
        Call.Showing("/scripts/{name}", "Shows a script: what is live, what is wrong with its file, and which versions can be gone back to."),
        Call.Listing("/scripts/{name}/commands", "Lists the commands that a script says it knows.", ["command_type", "description", "schema"]) with { Name = "commands" },
        new("source", HttpMethod.Get, "/scripts/{name}/source", "Writes a script's text to standard output.") { Fields = [Field.Query("version", "One of its versions; the file as it is when missing.")] },
        new("upload", HttpMethod.Put, "/scripts/{name}/source", "Writes a script's file, where gateway.json allows it (scripts.allow_upload). One that does not compile or fails its vectors is refused.")
        {
            Body = BodyKind.File,
            ContentType = "text/plain",
            Fields = [new("If-Match", FieldKind.Header, "Only if the file still has this version's ETag; any when missing.") { Option = "--if-match", Default = "*" }, new("If-None-Match", FieldKind.Header, "With *, only if there is no such file yet.") { Option = "--if-none-match" }],
        },
        Call.Doing("validate", "/scripts/{name}/validate", "Compiles a text as if it stood in the script's file. Nothing goes live.", Field.FileText("source", "The script's text: a file.") with { IsRequired = true }, Field.FileText("vectors", "Its vectors: a file.")),
        Call.Doing(
            "dry-run", "/scripts/{name}/dry-run", "Lets the live version, or a text, read a payload or encode a command, without consequences.",
            Field.Text("payload", "A payload, as hexadecimal digits."), Field.Json("command", "A command, as JSON."), Field.FileText("source", "A text to try instead of the live version: a file."),
            Field.Text("device_id", "In the name of this device.") with { Option = "--device" }, Field.Json("settings", "The script's settings, as a JSON object."), Field.Text("method", "The method that the payload came with."), Field.Text("path", "The path that it came to.")),
        Call.Doing("rollback", "/scripts/{name}/rollback", "Makes the version before the present one live, until the file is edited."),
        Call.Doing("activate", "/scripts/{name}/versions/{version}/activate", "Makes a version live that was so before, until the file is edited."),
        Call.Showing("/scripts/{name}/candidate", "Shows how a script's candidate does on the frames of the live version.") with { Name = "candidate" },
        new("shadow", HttpMethod.Put, "/scripts/{name}/candidate", "Puts a candidate beside a script, to be tried on real frames.") { Body = BodyKind.File, ContentType = "text/plain" },
        Call.Doing("promote", "/scripts/{name}/candidate/promote", "Makes the candidate live."),
        new("discard", HttpMethod.Delete, "/scripts/{name}/candidate", "Takes the candidate away.") { Done = "discarded" });
}
