using System.Linq.Expressions;
using System.Reflection;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>
/// Gives a script's functions one form each, whatever they were declared with: payload as span, memory or array, with the request or without.
/// Done once per script by expression trees, which compile to code as fast as written here by hand.
/// </summary>
internal sealed class ScriptBinder(object script)
{
    private static readonly ParameterExpression Commands = Expression.Parameter(typeof(IReadOnlyList<Command>), "commands");
    private static readonly ParameterExpression Payload = Expression.Parameter(typeof(ReadOnlyMemory<byte>), "payload");
    private static readonly ParameterExpression Command = Expression.Parameter(typeof(Command), "command");
    private static readonly ParameterExpression Config = Expression.Parameter(typeof(DeviceConfig), "config");
    private static readonly ParameterExpression Request = Expression.Parameter(typeof(UplinkRequest), "request");

    private delegate TResult Two<in T1, in T2, out TResult>(T1 first, T2 second)
        where T1 : allows ref struct;

    private delegate TResult Three<in T1, in T2, in T3, out TResult>(T1 first, T2 second, T3 third)
        where T1 : allows ref struct;

    private delegate TResult Four<in T1, in T2, in T3, in T4, out TResult>(T1 first, T2 second, T3 third, T4 fourth)
        where T2 : allows ref struct;

    /// <summary>The functions that the script has.</summary>
    public ScriptFunctions Bind() => new()
    {
        Parse = Bind<Func<ReadOnlyMemory<byte>, DeviceConfig, UplinkRequest, IEnumerable<Reading?>?>>(ScriptFunction.Parse, Payload, Config, Request)!,
        FormatCommand = Bind<Func<Command, DeviceConfig, UplinkRequest?, byte[]?>>(ScriptFunction.FormatCommand, Command, Config, Request)!,
        Identify = Bind<Func<ReadOnlyMemory<byte>, UplinkRequest, string?>>(ScriptFunction.Identify, Payload, Request),
        CloudToken = Bind<Func<ReadOnlyMemory<byte>, UplinkRequest, string?>>(ScriptFunction.CloudToken, Payload, Request),
        Respond = Bind<Func<ReadOnlyMemory<byte>, DeviceConfig, UplinkRequest, object?>>(ScriptFunction.Respond, Payload, Config, Request),
        Confirm = Bind<Func<Command, ReadOnlyMemory<byte>, DeviceConfig, UplinkRequest, CommandEvidence>>(
            ScriptFunction.Confirm, Command, Payload, Config, Request),
        ExchangeFailed = Bind<Func<ReadOnlyMemory<byte>, DeviceConfig, UplinkRequest, bool>>(ScriptFunction.ExchangeFailed, Payload, Config, Request),
        FormatCommands = Bind<Func<IReadOnlyList<Command>, DeviceConfig, UplinkRequest?, CommandBatch?>>(
            ScriptFunction.FormatCommands, Commands, Config, Request),
        Commands = Bind<Func<IEnumerable<CommandDescription?>?>>(ScriptFunction.Commands),
    };

    private T? Bind<T>(ScriptFunction function, params ParameterExpression[] offered)
        where T : Delegate
    {
        const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        if (script.GetType().GetMethod(function.Name, Declared) is not { } method)
        {
            return null;
        }

        // Through a delegate, or the compiled expression would swallow a small function, and its line would be missing in the stack trace.
        var parameters = method.GetParameters();
        var form = parameters.Length switch { 0 => typeof(Func<>), 2 => typeof(Two<,,>), 3 => typeof(Three<,,,>), _ => typeof(Four<,,,,>) };
        var direct = method.CreateDelegate(
            form.MakeGenericType([.. parameters.Select(parameter => parameter.ParameterType), method.ReturnType]), method.IsStatic ? null : script);

        var call = Expression.Invoke(Expression.Constant(direct), parameters.Zip(offered, (parameter, value) => As(parameter.ParameterType, value)));
        var result = typeof(T).GetMethod("Invoke")!.ReturnType;
        return Expression.Lambda<T>(Expression.Convert(call, result), offered).Compile();
    }

    // An array is a copy: the frame's own bytes are still needed when the script has had its way with them.
    private static Expression As(Type wanted, ParameterExpression value) => value.Type == wanted
        ? value
        : wanted == typeof(byte[])
            ? Expression.Call(value, nameof(ReadOnlyMemory<>.ToArray), null)
            : Expression.Property(value, nameof(ReadOnlyMemory<>.Span));
}
