using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>
/// One version of a script, ready to be called. Immutable, and called from several threads at once:
/// whatever the script keeps in top-level fields is shared by all its calls, and is the script's own care.
/// What it hands out is of the gateway's types only. Who keeps this object keeps an old version in memory: keep the catalog's entry.
/// </summary>
internal sealed class CompiledScript
{
    // Beside the script's own code, whose compilation is not counted, the first calls load what they use of the libraries.
    private const int FirstCalls = 4;

    private readonly ScriptContext _context;
    private readonly ScriptLimits _limits;
    private readonly ScriptFunctions _functions;
    private readonly ScriptTwin? _twin;

    // How many calls the longer limits are still for. Counted by all threads; that some counts are lost does no harm.
    private volatile int _firstCalls = FirstCalls;

    /// <summary>Made by <see cref="ScriptLoader"/>.</summary>
    /// <param name="name">The script as people name it.</param>
    /// <param name="version">Which one.</param>
    /// <param name="limits">What a call may take.</param>
    /// <param name="context">Where it is loaded.</param>
    /// <param name="functions">What can be called.</param>
    /// <param name="commands">Which commands it knows.</param>
    /// <param name="twin">Who finds the lines of its faults; null for a twin itself.</param>
    public CompiledScript(
        string name, string version, ScriptLimits limits, ScriptContext context, ScriptFunctions functions, CommandCatalog commands, ScriptTwin? twin)
    {
        Name = name;
        Version = version;
        _context = context;
        _limits = limits;
        _functions = functions;
        _twin = twin;
        Commands = commands;
    }

    /// <summary>The script as people name it: <c>scripts/efento.csx</c>.</summary>
    public string Name { get; }

    /// <summary>The first twelve hexadecimal digits of the source's SHA-256.</summary>
    public string Version { get; }

    /// <summary>The commands that the script says it knows; none when it does not say.</summary>
    public CommandCatalog Commands { get; }

    /// <summary>Whether the script has the optional function <c>identify</c>.</summary>
    public bool CanIdentify => _functions.Identify is not null;

    /// <summary>Whether the script has the optional function <c>cloud_token</c>.</summary>
    public bool CanTellCloudToken => _functions.CloudToken is not null;

    /// <summary>Whether the script has the optional function <c>respond</c>.</summary>
    public bool CanRespond => _functions.Respond is not null;

    /// <summary>Whether the script has the optional function <c>confirm</c>.</summary>
    public bool CanConfirm => _functions.Confirm is not null;

    /// <summary>Whether the script has the optional function <c>exchange_failed</c>.</summary>
    public bool CanTellExchangeFailed => _functions.ExchangeFailed is not null;

    /// <summary>Whether the script has the optional function <c>format_commands</c>.</summary>
    public bool CanFormatCommands => _functions.FormatCommands is not null;

    /// <summary>The readings in a payload; there may be none. What the script left open in them is still open.</summary>
    public ScriptOutcome<IReadOnlyList<Reading>> Parse(ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request) =>
        Call((payload, config, request), static (script, call) =>
            ReadingIntake.Take(script._functions.Parse(call.payload, call.config, call.request), script.Name, script._limits));

    /// <summary>
    /// The bytes that carry a command to its device; null when the script does not know the command's type.
    /// The script's word alone: whether its catalogue takes the payload, <see cref="CommandCatalog.Refusal"/> says, and comes first.
    /// </summary>
    /// <param name="command">The command.</param>
    /// <param name="config">The device's configuration.</param>
    /// <param name="request">The request whose answer is to carry the command; null when the command is only tried.</param>
    public ScriptOutcome<byte[]?> FormatCommand(Command command, DeviceConfig config, UplinkRequest? request) =>
        Call((command, config, request), static (script, call) =>
            AnswerIntake.Bytes(script._functions.FormatCommand(call.command, call.config, call.request), "format_command", script.Name, script._limits));

    /// <summary>
    /// The bytes that carry several commands to their device, and which; null when the script can't merge them, or has no <c>format_commands</c>.
    /// </summary>
    /// <param name="commands">The commands, the first to go first.</param>
    /// <param name="config">The device's configuration.</param>
    /// <param name="request">The request whose answer is to carry the commands; null when they are only tried.</param>
    public ScriptOutcome<CommandBatch?> FormatCommands(IReadOnlyList<Command> commands, DeviceConfig config, UplinkRequest? request) =>
        Call((commands, config, request), static (script, call) =>
            AnswerIntake.Batch(script._functions.FormatCommands?.Invoke(call.commands, call.config, call.request), call.commands, script.Name, script._limits));

    /// <summary>What a device's message says of a command that was sent to it before; unknown when the script has no <c>confirm</c>.</summary>
    public ScriptOutcome<CommandEvidence> Confirm(Command command, ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request) =>
        Call((command, payload, config, request), static (script, call) =>
            AnswerIntake.Evidence(script._functions.Confirm?.Invoke(call.command, call.payload, call.config, call.request) ?? CommandEvidence.Unknown));

    /// <summary>Whether a device's message says that its last exchange failed; it does not when the script has no <c>exchange_failed</c>.</summary>
    public ScriptOutcome<bool> ExchangeFailed(ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request) =>
        Call((payload, config, request), static (script, call) =>
            new ScriptOutcome<bool>(script._functions.ExchangeFailed?.Invoke(call.payload, call.config, call.request) ?? false));

    /// <summary>The id of the device that sent a payload; null when the payload does not say, or the script has no <c>identify</c>.</summary>
    public ScriptOutcome<string?> Identify(ReadOnlyMemory<byte> payload, UplinkRequest request) =>
        Call((payload, request), static (script, call) =>
            new ScriptOutcome<string?>(script._functions.Identify?.Invoke(call.payload, call.request) is { Length: > 0 } id ? id : null));

    /// <summary>The token in a payload; null when it has none, or the script has no <c>cloud_token</c>.</summary>
    public ScriptOutcome<string?> CloudToken(ReadOnlyMemory<byte> payload, UplinkRequest request) =>
        Call((payload, request), static (script, call) => new ScriptOutcome<string?>(script._functions.CloudToken?.Invoke(call.payload, call.request)));

    /// <summary>What to answer when no command is waiting; null for an empty answer, or when the script has no <c>respond</c>.</summary>
    public ScriptOutcome<UplinkResponse?> Respond(ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request) =>
        Call((payload, config, request), static (script, call) =>
            AnswerIntake.Response(script._functions.Respond?.Invoke(call.payload, call.config, call.request), script.Name, script._limits));

    /// <summary>Asks for the script's memory back. Calls under way, and later ones, still work: it goes when nobody holds this object any more.</summary>
    public void Unload()
    {
        _context.Unload();
        _twin?.Unload();
    }

    /// <summary>
    /// Lets one see whether the memory is back, without keeping it: until the contexts' finalizers are through, it is not.
    /// Asked for after <see cref="Unload"/>: until then there may be one more.
    /// </summary>
    public IEnumerable<WeakReference> ContextReferences() => [new(_context, trackResurrection: true), .. _twin?.ContextReferences() ?? []];

    // Whatever the script does, it ends here: with a result, or with a reason in words.
    private ScriptOutcome<T> Call<TArguments, T>(TArguments arguments, Func<CompiledScript, TArguments, ScriptOutcome<T>> work)
    {
        ScriptOutcome<T> outcome;
        FaultSite site;
        var call = Begin();
        try
        {
            outcome = call.Outcome(work(this, arguments));
            if (call.Tripped is null)
            {
                return outcome;
            }

            site = FaultSite.Of(call, null);
        }
        catch (Exception exception)
        {
            outcome = call.Outcome<T>(FailureText.Of(exception));
            if (outcome.Failure is not { Kind: ScriptFailureKind.Fault or ScriptFailureKind.LimitExceeded })
            {
                return outcome;
            }

            site = FaultSite.Of(call, exception);
        }
        finally
        {
            call.End();
        }

        var failure = outcome.Failure!.At(PlaceOf(site, arguments, work), Name);
        return new ScriptOutcome<T>(failure) { Warnings = outcome.Warnings };
    }

    private ScriptFrame? PlaceOf<TArguments, T>(FaultSite site, TArguments arguments, Func<CompiledScript, TArguments, ScriptOutcome<T>> work) =>
        _twin is null ? site.Place : _twin.PlaceOf(site, twin => twin.SiteOf(arguments, work));

    // Where a call fails; null when it does not.
    private FaultSite? SiteOf<TArguments, T>(TArguments arguments, Func<CompiledScript, TArguments, ScriptOutcome<T>> work)
    {
        var call = Begin();
        try
        {
            work(this, arguments);
            return call.Tripped is null ? null : FaultSite.Of(call, null);
        }
        catch (Exception exception)
        {
            return FaultSite.Of(call, exception);
        }
        finally
        {
            call.End();
        }
    }

    private ScriptBudget Begin()
    {
        var first = _firstCalls;
        if (first == 0)
        {
            return ScriptBudget.Begin(_limits);
        }

        _firstCalls = first - 1;
        return ScriptBudget.Begin(_limits.ForStart());
    }
}
