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
    private readonly Func<ReadOnlyMemory<byte>, DeviceConfig, UplinkRequest, IEnumerable<Reading?>?> _parse;
    private readonly Func<Command, DeviceConfig, UplinkRequest?, byte[]?> _formatCommand;
    private readonly Func<ReadOnlyMemory<byte>, UplinkRequest, string?>? _identify;
    private readonly Func<ReadOnlyMemory<byte>, DeviceConfig, UplinkRequest, object?>? _respond;

    // How many calls the longer limits are still for. Counted by all threads; that some counts are lost does no harm.
    private volatile int _firstCalls = FirstCalls;

    /// <summary>Made by <see cref="ScriptLoader"/>.</summary>
    public CompiledScript(string name, string version, ScriptLimits limits, ScriptContext context, ScriptBinder functions)
    {
        Name = name;
        Version = version;
        _context = context;
        _limits = limits;
        _parse = functions.Parse();
        _formatCommand = functions.FormatCommand();
        _identify = functions.Identify();
        _respond = functions.Respond();
    }

    /// <summary>The script as people name it: <c>scripts/efento.csx</c>.</summary>
    public string Name { get; }

    /// <summary>The first twelve hexadecimal digits of the source's SHA-256.</summary>
    public string Version { get; }

    /// <summary>Whether the script has the optional function <c>identify</c>.</summary>
    public bool CanIdentify => _identify is not null;

    /// <summary>Whether the script has the optional function <c>respond</c>.</summary>
    public bool CanRespond => _respond is not null;

    /// <summary>The readings in a payload; there may be none. What the script left open in them is still open.</summary>
    public ScriptOutcome<IReadOnlyList<Reading>> Parse(ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request)
    {
        var call = Begin();
        try
        {
            return call.Outcome(ReadingIntake.Take(_parse(payload, config, request), Name));
        }
        catch (Exception exception)
        {
            return call.Outcome<IReadOnlyList<Reading>>(FailureText.Of(exception, Name));
        }
        finally
        {
            call.End();
        }
    }

    /// <summary>The bytes that carry a command to its device; null when the script does not know the command's type.</summary>
    /// <param name="command">The command.</param>
    /// <param name="config">The device's configuration.</param>
    /// <param name="request">The request whose answer is to carry the command; null when the command is only tried.</param>
    public ScriptOutcome<byte[]?> FormatCommand(Command command, DeviceConfig config, UplinkRequest? request)
    {
        var call = Begin();
        try
        {
            return call.Outcome(new ScriptOutcome<byte[]?>(_formatCommand(command, config, request)));
        }
        catch (Exception exception)
        {
            return call.Outcome<byte[]?>(FailureText.Of(exception, Name));
        }
        finally
        {
            call.End();
        }
    }

    /// <summary>The id of the device that sent a payload; null when the payload does not say, or the script has no <c>identify</c>.</summary>
    public ScriptOutcome<string?> Identify(ReadOnlyMemory<byte> payload, UplinkRequest request)
    {
        var call = Begin();
        try
        {
            return call.Outcome(new ScriptOutcome<string?>(_identify?.Invoke(payload, request) is { Length: > 0 } id ? id : null));
        }
        catch (Exception exception)
        {
            return call.Outcome<string?>(FailureText.Of(exception, Name));
        }
        finally
        {
            call.End();
        }
    }

    /// <summary>What to answer when no command is waiting; null for an empty answer, or when the script has no <c>respond</c>.</summary>
    public ScriptOutcome<UplinkResponse?> Respond(ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request)
    {
        var call = Begin();
        try
        {
            return call.Outcome(_respond?.Invoke(payload, config, request) switch
            {
                UplinkResponse { Payload: null } => new ScriptFailure(ScriptFailureKind.Fault, $"respond returned an answer whose payload is null ({Name})"),
                UplinkResponse response => new ScriptOutcome<UplinkResponse?>(response),
                byte[] bytes => new ScriptOutcome<UplinkResponse?>(new UplinkResponse(bytes)),
                _ => default(ScriptOutcome<UplinkResponse?>),
            });
        }
        catch (Exception exception)
        {
            return call.Outcome<UplinkResponse?>(FailureText.Of(exception, Name));
        }
        finally
        {
            call.End();
        }
    }

    /// <summary>Asks for the script's memory back. Calls under way, and later ones, still work: it goes when nobody holds this object any more.</summary>
    public void Unload() => _context.Unload();

    /// <summary>Lets one see whether the memory is back, without keeping it: until the context's finalizer is through, it is not.</summary>
    public WeakReference ContextReference() => new(_context, trackResurrection: true);

    private ScriptBudget Begin()
    {
        var first = _firstCalls;
        if (first == 0)
        {
            return ScriptBudget.Begin(Name, _limits);
        }

        _firstCalls = first - 1;
        return ScriptBudget.Begin(Name, _limits.ForStart());
    }
}
