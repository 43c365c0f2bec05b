using System.ComponentModel;
using System.Text.Json;
using Gateway.Commands;
using Gateway.Scripting;
using Gateway.Scripting.Contract;

namespace Gateway.Api;

/// <summary>A script's text that is in no file yet.</summary>
internal sealed record DraftDocument
{
    [Description("The script's text.")]
    public string? Source { get; init; }

    [Description("Vectors that it must pass: the text of a .vectors.json. When missing, those beside the script. They are only run where gateway.json allows uploads (scripts.allow_upload), for that runs the script.")]
    public string? Vectors { get; init; }
}

/// <summary>What a compiler says of a text.</summary>
/// <param name="Valid">Whether it could go live.</param>
/// <param name="Version">Its version.</param>
/// <param name="Problems">What is wrong with it.</param>
/// <param name="VectorsWereRun">Whether its vectors were run.</param>
/// <param name="Commands">The commands that it says it knows.</param>
internal sealed record ValidationResult(bool Valid, string? Version, IReadOnlyList<ScriptFinding> Problems, bool VectorsWereRun, IReadOnlyList<ScriptCommand> Commands);

/// <summary>What a script is tried on: a payload, or a command.</summary>
internal sealed record DryRunDocument
{
    /// <summary>In whose name something is tried when nobody is named.</summary>
    public const string NobodysDevice = "device";

    [Description("A text to try instead of the live version; only where gateway.json allows uploads (scripts.allow_upload), for this runs it.")]
    public string? Source { get; init; }

    [Description("A payload as hexadecimal digits: what does the script read in it?")]
    public string? Payload { get; init; }

    [Description("A command as POST /api/v1/commands takes it; device_id may be left out: which bytes does the script make of it?")]
    public CommandRequest? Command { get; init; }

    [Description("In the name of this device, and with its configuration if it is known; when missing, the one that the script identifies.")]
    public string? DeviceId { get; init; }

    [Description("The script's settings instead of those of the device and its profile.")]
    public IReadOnlyDictionary<string, JsonElement>? Settings { get; init; }

    [Description("The method that the payload came with; POST when missing.")]
    public string? Method { get; init; }

    [Description("The path that it came to; /m when missing.")]
    public string? Path { get; init; }

    [Description("The CoAP Content-Format that it came with.")]
    public int? ContentFormat { get; init; }

    /// <summary>What is wrong with it, by the JSON path of the member.</summary>
    public IEnumerable<FieldProblem> Problems(DateTimeOffset now)
    {
        if ((Payload is null) == (Command is null))
        {
            yield return FieldProblem.Of("payload", "either a payload or a command is needed");
        }

        if (Payload is not null && (Payload.Length % 2 != 0 || !Payload.All(char.IsAsciiHexDigit)))
        {
            yield return FieldProblem.Of("payload", "is not an even number of hexadecimal digits");
        }

        foreach (var problem in Command is null ? [] : (Command with { DeviceId = Command.DeviceId ?? NobodysDevice }).Problems(now))
        {
            yield return FieldProblem.Of("command." + problem.Path, problem.Message);
        }

        if (DeviceId is not null && !Devices.DeviceId.TryParse(DeviceId, out _))
        {
            yield return FieldProblem.Of("device_id", Devices.DeviceId.Problem(DeviceId));
        }

        if (ContentFormat is < 0 or > ushort.MaxValue)
        {
            yield return FieldProblem.Of("content_format", "must be 0 to 65535");
        }
    }

    public UplinkRequest ToRequest(DateTimeOffset now) => new()
    {
        RequestId = "dry-run",
        Method = Method?.ToUpperInvariant() ?? "POST",
        Path = Path is { Length: > 0 } path ? (path[0] == '/' ? path : "/" + path) : "/m",
        ContentFormat = ContentFormat,
        Confirmable = true,
        ReceivedAt = now,
        Peer = "[::1]:5683",
    };
}

/// <summary>What came of a trial.</summary>
internal sealed record DryRunResult
{
    [Description("The version that was tried.")]
    public required string Version { get; init; }

    [Description("The device in whose name.")]
    public string? DeviceId { get; init; }

    [Description("Of a payload: its readings, as the sinks would get them.")]
    public IReadOnlyList<JsonElement>? Readings { get; init; }

    [Description("Of a command: its bytes as hexadecimal digits.")]
    public string? Bytes { get; init; }

    [Description("What the script warned of.")]
    public required IReadOnlyList<string> Warnings { get; init; }

    [Description("Why there is neither.")]
    public DryRunFailure? Failure { get; init; }

    [Description("How long the script took. First calls take longer.")]
    public required double Milliseconds { get; init; }
}

/// <summary>Why a script gave nothing.</summary>
/// <param name="Kind">Whose fault it is: invalid_payload and invalid_command are what the script said; fault is its own; limit_exceeded, and it was stopped.</param>
/// <param name="Function">The function that was called.</param>
/// <param name="Message">What it said, with its line.</param>
internal sealed record DryRunFailure(ScriptFailureKind Kind, string Function, string Message);
