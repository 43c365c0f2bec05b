using Gateway.Scripting;
using Gateway.Scripting.Contract;

namespace Gateway.Commands;

/// <summary>What scripts say of commands: their bytes, and what has become of them. A script's failure is a result, never an exception.</summary>
internal sealed class CommandScripts(ScriptCatalog scripts, ScriptMetrics scriptMetrics, CommandMetrics metrics, TimeProvider time)
{
    /// <summary>The script that speaks for a command: the one that it names itself, or its device's.</summary>
    public ValueTask<CatalogScript> OfAsync(string? parserScriptRef, Registration registration, CancellationToken cancellation) =>
        parserScriptRef is { } other ? scripts.GetAsync(other, cancellation) : ValueTask.FromResult(registration.Script);

    /// <summary>A command's bytes.</summary>
    public async ValueTask<FormatResult> FormatAsync(Command command, Registration registration, UplinkRequest? request, CancellationToken cancellation)
    {
        var script = await OfAsync(command.ParserScriptRef, registration, cancellation);
        var result = Format(script, command, registration, request);
        metrics.Formatted(result.Bytes is not null);
        return result;
    }

    /// <summary>Several commands in one answer; null when the script can't or won't merge them, or fails at it.</summary>
    public CommandBatch? Merge(IReadOnlyList<Command> commands, Registration registration, UplinkRequest request)
    {
        if (registration.Script.Current is not { CanFormatCommands: true } script)
        {
            return null;
        }

        var started = time.GetTimestamp();
        var outcome = script.FormatCommands(commands, registration.Config, request);
        scriptMetrics.Called(registration.Script.Ref, ScriptFunction.FormatCommands, outcome.Failure?.Kind, time.GetElapsedTime(started));
        return outcome.Failure is null ? outcome.Value : null;
    }

    /// <summary>What a message says of a command. A script that fails says nothing.</summary>
    public async ValueTask<CommandEvidence> ConfirmAsync(
        Command command, Registration registration, ReadOnlyMemory<byte> payload, UplinkRequest request, CancellationToken cancellation)
    {
        var script = await OfAsync(command.ParserScriptRef, registration, cancellation);
        if (script.Current is not { CanConfirm: true } current)
        {
            return CommandEvidence.Unknown;
        }

        var started = time.GetTimestamp();
        var outcome = current.Confirm(command, payload, registration.Config, request);
        scriptMetrics.Called(script.Ref, ScriptFunction.Confirm, outcome.Failure?.Kind, time.GetElapsedTime(started));
        return outcome.Failure is null ? outcome.Value : CommandEvidence.Unknown;
    }

    /// <summary>Whether a message says that the device's last exchange failed.</summary>
    public bool ExchangeFailed(Registration registration, ReadOnlyMemory<byte> payload, UplinkRequest request)
    {
        if (registration.Script.Current is not { CanTellExchangeFailed: true } script)
        {
            return false;
        }

        var started = time.GetTimestamp();
        var outcome = script.ExchangeFailed(payload, registration.Config, request);
        scriptMetrics.Called(registration.Script.Ref, ScriptFunction.ExchangeFailed, outcome.Failure?.Kind, time.GetElapsedTime(started));
        return outcome.Failure is null && outcome.Value;
    }

    private FormatResult Format(CatalogScript script, Command command, Registration registration, UplinkRequest? request)
    {
        if (script.Current is not { } current)
        {
            return FormatResult.Failed($"script {script.Ref} has no working version: {string.Join("; ", script.Problems)}") with { IsOfScript = true };
        }

        if (current.Commands.Refusal(command) is { } refusal)
        {
            return FormatResult.Failed(refusal.Message);
        }

        var started = time.GetTimestamp();
        var outcome = current.FormatCommand(command, registration.Config, request);
        scriptMetrics.Called(script.Ref, ScriptFunction.FormatCommand, outcome.Failure?.Kind, time.GetElapsedTime(started));
        return outcome switch
        {
            { Failure: { } failure } => FormatResult.Failed(failure.Message),
            { Value: null } => FormatResult.Failed($"{script.Ref} knows no command of type \"{command.CommandType}\""),
            _ => FormatResult.Of(outcome.Value!),
        };
    }
}
