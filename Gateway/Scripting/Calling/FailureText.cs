using System.Diagnostics;
using System.Formats.Cbor;
using System.Reflection;
using Gateway.Scripting.Contract;
using Google.Protobuf;

namespace Gateway.Scripting;

/// <summary>A script's exception to text, so that the exception, and the script's code that it refers to, can go.</summary>
internal static class FailureText
{
    /// <summary>What to tell of an exception that came out of a script's function; for a fault <see cref="At"/> adds where it was.</summary>
    public static ScriptFailure Of(Exception exception) => exception switch
    {
        InvalidPayloadException or InvalidProtocolBufferException or CborContentException => new(ScriptFailureKind.InvalidPayload, exception.Message),
        CommandException => new(ScriptFailureKind.InvalidCommand, exception.Message),
        _ => new(ScriptFailureKind.Fault, Text(Cause(exception))),
    };

    /// <summary>The same with the line, or with the script's name when there is none. What is the device's or the command's fault needs none.</summary>
    public static ScriptFailure At(this ScriptFailure failure, ScriptFrame? place, string script) =>
        failure.Kind is ScriptFailureKind.Fault or ScriptFailureKind.LimitExceeded ? failure with { Message = $"{failure.Message} ({place?.ToString() ?? script})" } : failure;

    /// <summary>The innermost line of a script that an exception came by, or null.</summary>
    public static ScriptFrame? PlaceOf(Exception exception) => ScriptFrame.In(new StackTrace(Cause(exception), fNeedFileInfo: true));

    /// <summary>What went wrong: the outer exceptions only say that something was being called or set up.</summary>
    public static Exception Cause(Exception exception) =>
        exception is TypeInitializationException or TargetInvocationException && exception.InnerException is { } inner ? Cause(inner) : exception;

    /// <summary>The problem of a script whose top-level code threw.</summary>
    public static ScriptProblem AtStart(Exception exception, string script)
    {
        var cause = Cause(exception);
        var (file, line) = PlaceOf(exception) ?? new ScriptFrame(script, 1);
        return new(file, line, 1, ScriptProblemCode.FailedAtStart, $"the script's top-level code threw {Text(cause)}");
    }

    /// <summary>The problem of a script whose top-level code was stopped.</summary>
    public static ScriptProblem Stopped(ScriptFailure failure, string script) =>
        ScriptProblem.OfFile(script, ScriptProblemCode.FailedAtStart, $"in the script's top-level code {failure.Message}");

    // The script may have thrown a class of its own, whose Message is the script's code and may throw too.
    private static string Text(Exception exception)
    {
        try
        {
            return $"{exception.GetType().Name}: {exception.Message}";
        }
        catch (Exception)
        {
            return $"{exception.GetType().Name}, whose message can't be read";
        }
    }
}
