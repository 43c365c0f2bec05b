using System.Globalization;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>Takes over what a script made for a device: checked, copied where it may still be the script's own, and not longer than it may be.</summary>
internal static class AnswerIntake
{
    /// <summary>The bytes of a command.</summary>
    public static ScriptOutcome<byte[]?> Bytes(byte[]? bytes, string function, string script, ScriptLimits limits) =>
        TooLong(bytes, function, script, limits) is { } failure ? failure : new ScriptOutcome<byte[]?>(bytes);

    /// <summary>The bytes of several commands: of some of those that were given, each once.</summary>
    public static ScriptOutcome<CommandBatch?> Batch(CommandBatch? batch, IReadOnlyList<Command> commands, string script, ScriptLimits limits)
    {
        if (batch is null)
        {
            return default;
        }

        var problem = batch switch
        {
            { Payload: null } => "a batch whose payload is null",
            { RequestIds.Count: 0 } => "a batch without request ids; when nothing can be merged it must return null",
            _ when batch.RequestIds.Except(commands.Select(command => command.RequestId)).ToArray() is [var unknown, ..] =>
                $"a batch with the request id {Quoted(unknown)}, which none of the {commands.Count} commands has",
            _ when batch.RequestIds.Distinct().Count() < batch.RequestIds.Count => "a batch with the same request id twice",
            _ => null,
        };
        return problem is not null ? Fault($"format_commands returned {problem}", script)
            : TooLong(batch.Payload, "format_commands", script, limits) is { } failure ? failure
            : new ScriptOutcome<CommandBatch?>(batch);
    }

    /// <summary>What became of a command. The reason goes to logs and to the caller: a line, and no more.</summary>
    public static ScriptOutcome<CommandEvidence> Evidence(CommandEvidence evidence) => new(
        evidence.Kind is CommandEvidenceKind.Rejected ? CommandEvidence.Rejected(Warnings.OneLine(evidence.Reason)) : evidence);

    /// <summary>An answer, or its payload.</summary>
    public static ScriptOutcome<UplinkResponse?> Response(object? returned, string script, ScriptLimits limits)
    {
        var response = returned is byte[] bytes ? new UplinkResponse(bytes) : returned as UplinkResponse;
        return response is { Payload: null } ? Fault("respond returned an answer whose payload is null", script)
            : TooLong(response?.Payload, "respond", script, limits) is { } failure ? failure
            : new ScriptOutcome<UplinkResponse?>(response);
    }

    private static ScriptFailure? TooLong(byte[]? bytes, string function, string script, ScriptLimits limits) => bytes?.Length > limits.MaxOutputBytes
        ? new ScriptFailure(ScriptFailureKind.LimitExceeded, string.Create(
            CultureInfo.InvariantCulture, $"{function} returned {bytes.Length} bytes, of the {limits.MaxOutputBytes} that scripts.max_output_bytes allows ({script})"))
        : null;

    private static string Quoted(string? id) => id is null ? "null" : $"\"{Warnings.OneLine(id)}\"";

    private static ScriptFailure Fault(string message, string script) => new(ScriptFailureKind.Fault, $"{message} ({script})");
}
