using Gateway.Scripting;
using Gateway.Scripting.Contract;

namespace Gateway.Tests.Efento;

/// <summary>A script of the scripts folder, compiled and called as the gateway does it; what it refuses is thrown again.</summary>
internal sealed class ShippedScript
{
    private readonly CompiledScript _script;

    public ShippedScript(string name)
    {
        var settings = new ScriptSettings { Path = Repository.PathOf("scripts"), ProtosPath = Repository.PathOf("protos"), CachePath = null };
        var reading = new SourceReader(new ScriptFolder(settings.Path, "scripts"), new ProtoFolder(settings.ProtosPath), settings).Read(name);
        var build = reading.Source is { } source ? ScriptCompiler.Compile(source, ScriptLimits.Default) : new ScriptBuild([reading.Problem!]);
        _script = build.Script ?? throw new InvalidOperationException(string.Join('\n', build.Problems));
    }

    /// <summary>The script itself, for who looks at its outcomes.</summary>
    public CompiledScript Compiled => _script;

    /// <summary>What the script makes otherwise than these golden vectors want it.</summary>
    public IReadOnlyList<ScriptProblem> Fails(string vectors) => GoldenVectors.Problems(_script, vectors, "vectors.json");

    public IReadOnlyList<Reading> Parse(byte[] payload, DeviceConfig config, UplinkRequest request) =>
        ResultOf(_script.Parse(payload, config, request));

    public string? Identify(byte[] payload, UplinkRequest request) => ResultOf(_script.Identify(payload, request));

    public UplinkResponse? Respond(byte[] payload, DeviceConfig config, UplinkRequest request) =>
        ResultOf(_script.Respond(payload, config, request));

    public byte[]? FormatCommand(Command command, DeviceConfig config, UplinkRequest? request) =>
        ResultOf(_script.FormatCommand(command, config, request));

    public CommandBatch? FormatCommands(IReadOnlyList<Command> commands, DeviceConfig config, UplinkRequest? request) =>
        ResultOf(_script.FormatCommands(commands, config, request));

    public CommandEvidence Confirm(Command command, byte[] payload, DeviceConfig config, UplinkRequest request) =>
        ResultOf(_script.Confirm(command, payload, config, request));

    private static T ResultOf<T>(ScriptOutcome<T> outcome) => outcome.Failure switch
    {
        null => outcome.Value,
        { Kind: ScriptFailureKind.InvalidPayload } failure => throw new InvalidPayloadException(failure.Message),
        { Kind: ScriptFailureKind.InvalidCommand } failure => throw new CommandException(failure.Message),
        { } failure => throw new InvalidOperationException(failure.Message),
    };
}
