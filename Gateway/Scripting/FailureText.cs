using System.Diagnostics;
using System.Formats.Cbor;
using System.Reflection;
using Gateway.Scripting.Contract;
using Google.Protobuf;

namespace Gateway.Scripting;

/// <summary>A script's exception to text, so that the exception, and the script's code that it refers to, can go.</summary>
internal static class FailureText
{
    /// <summary>What to tell of an exception that came out of a script's function.</summary>
    public static ScriptFailure Of(Exception exception, string script) => exception switch
    {
        InvalidPayloadException or InvalidProtocolBufferException or CborContentException => new(ScriptFailureKind.InvalidPayload, exception.Message),
        CommandException => new(ScriptFailureKind.InvalidCommand, exception.Message),
        _ => new(ScriptFailureKind.Fault, Describe(exception, script)),
    };

    /// <summary>The problem of a script whose top-level code threw.</summary>
    public static ScriptProblem AtStart(Exception exception, string script)
    {
        var cause = Cause(exception);
        var (file, line) = PlaceOf(cause) ?? new ScriptFrame(script, 1);
        return new(file, line, 1, ScriptProblemCode.FailedAtStart, $"the script's top-level code threw {Text(cause)}");
    }

    /// <summary>The problem of a script whose top-level code was stopped.</summary>
    public static ScriptProblem Stopped(ScriptFailure failure, string script) =>
        ScriptProblem.OfFile(script, ScriptProblemCode.FailedAtStart, $"in the script's top-level code {failure.Message}");

    private static string Describe(Exception exception, string script)
    {
        var cause = Cause(exception);
        return $"{Text(cause)} ({PlaceOf(cause)?.ToString() ?? script})";
    }

    // The outer ones only say that something was being called or set up.
    private static Exception Cause(Exception exception) =>
        exception is TypeInitializationException or TargetInvocationException && exception.InnerException is { } inner ? Cause(inner) : exception;

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

    private static ScriptFrame? PlaceOf(Exception exception) => ScriptFrame.In(new StackTrace(exception, fNeedFileInfo: true));
}
