using System.Buffers;
using System.Text.Json;
using Gateway.Devices;
using Gateway.Scripting;
using Gateway.Scripting.Contract;

namespace Gateway.Api;

/// <summary>
/// Tries scripts without consequences: a text that is in no file yet, or the live version on a payload or a command that nobody sent. Neither
/// breakers, rollbacks and tallies nor devices hear of it.
/// </summary>
internal sealed class ScriptTrials(
    SourceReader reader, UnloadedContexts unloaded, ScriptSettings settings, ProfileCatalog profiles, DeviceDirectory directory, TimeProvider time) : IDisposable
{
    // Without the cache of images: what somebody types is not kept.
    private readonly ScriptBuilder _builder = new(unloaded, settings);

    // One compilation at a time: live frames want the processor, too.
    private readonly SemaphoreSlim _building = new(1);

    /// <summary>Builds a text as if it stood in a script's file; whoever gets a script out of it lets it go with <see cref="LetGo"/>.</summary>
    /// <param name="name">The script's file name.</param>
    /// <param name="text">The text.</param>
    /// <param name="vectors">The vectors that it must pass; null for those beside the script.</param>
    /// <param name="runVectors">Whether they are run. That runs the script.</param>
    /// <param name="cancellation">Ends the waiting for other compilations.</param>
    public async Task<ScriptBuild> BuildAsync(string name, string text, string? vectors, bool runVectors, CancellationToken cancellation)
    {
        var source = reader.Draft(name, text, vectors);
        await _building.WaitAsync(cancellation);
        try
        {
            // On a thread that may block.
            return await Task.Run(() => runVectors ? _builder.Build(source) : _builder.Compile(source), CancellationToken.None);
        }
        finally
        {
            _building.Release();
        }
    }

    public void LetGo(CompiledScript script) => unloaded.Retire(script);

    /// <summary>What a script reads in a payload.</summary>
    public async Task<DryRunResult> ParseAsync(CompiledScript script, DryRunDocument run, CancellationToken cancellation)
    {
        var payload = Convert.FromHexString(run.Payload!);
        var request = run.ToRequest(time.GetUtcNow());
        var started = time.GetTimestamp();
        var device = run.DeviceId;
        if (device is null && script.CanIdentify)
        {
            var identified = script.Identify(payload, request);
            if (identified.Failure is { } unidentified)
            {
                return Failed(script, unidentified, "identify", started);
            }

            device = identified.Value;
        }

        var config = await ConfigOfAsync(script, device, run, cancellation);
        var parsed = script.Parse(payload, config, request);
        return parsed.Failure is { } failure
            ? Failed(script, failure, "parse", started) with { DeviceId = config.DeviceId, Warnings = parsed.Warnings }
            : new DryRunResult
            {
                Version = script.Version,
                DeviceId = config.DeviceId,
                Readings = [.. ReadingCompletion.Complete(parsed.Value, config, request, parsed.Warnings).Select(ToJson)],
                Warnings = parsed.Warnings,
                Milliseconds = time.GetElapsedTime(started).TotalMilliseconds,
            };
    }

    /// <summary>The bytes that a script makes of a command.</summary>
    public async Task<DryRunResult> FormatAsync(CompiledScript script, DryRunDocument run, CancellationToken cancellation)
    {
        var config = await ConfigOfAsync(script, run.Command!.DeviceId ?? run.DeviceId, run, cancellation);
        var command = (run.Command with { DeviceId = config.DeviceId }).ToCommand(run.Command.RequestId ?? "dry-run");
        var started = time.GetTimestamp();
        if (script.Commands.Refusal(command) is { } refusal)
        {
            return Failed(script, refusal, "commands", started);
        }

        var formatted = script.FormatCommand(command, config, null);
        return formatted.Failure is { } failure
            ? Failed(script, failure, "format_command", started) with { Warnings = formatted.Warnings }
            : formatted.Value is not { } bytes
                ? Failed(script, new ScriptFailure(ScriptFailureKind.InvalidCommand, $"{script.Name} knows no command of type \"{command.CommandType}\""), "format_command", started)
                : new DryRunResult
                {
                    Version = script.Version,
                    DeviceId = config.DeviceId,
                    Bytes = Convert.ToHexStringLower(bytes),
                    Warnings = formatted.Warnings,
                    Milliseconds = time.GetElapsedTime(started).TotalMilliseconds,
                };
    }

    public void Dispose() => _building.Dispose();

    // That of the device, if it is known; else that of the first profile of the script.
    private async Task<DeviceConfig> ConfigOfAsync(CompiledScript script, string? device, DryRunDocument run, CancellationToken cancellation)
    {
        var file = script.Name[(script.Name.LastIndexOf('/') + 1)..];
        var known = DeviceId.TryParse(device, out var id) ? await directory.FindAsync(id, cancellation) : null;
        var profile = profiles.Names.FirstOrDefault(name => profiles.Find(name)?.Script == file);
        var stand = known ?? new Device { Id = id.IsNone ? DeviceId.Parse(DryRunDocument.NobodysDevice) : id, Profile = profile, ParserScriptRef = file, CreatedAt = default, UpdatedAt = default };
        var config = profiles.Resolve(stand with { ParserScriptRef = file }, out _)
            ?? new DeviceConfig { DeviceId = stand.Id.ToString(), Profile = "", ParserScriptRef = file };
        return run.Settings is { } settings ? config with { Settings = settings } : config;
    }

    private DryRunResult Failed(CompiledScript script, ScriptFailure failure, string function, long started) => new()
    {
        Version = script.Version,
        Failure = new DryRunFailure(failure.Kind, function, failure.Message),
        Warnings = [],
        Milliseconds = time.GetElapsedTime(started).TotalMilliseconds,
    };

    private static JsonElement ToJson(Reading reading)
    {
        var line = new ArrayBufferWriter<byte>();
        ReadingJson.Write(line, reading);
        return JsonElement.Parse(line.WrittenSpan);
    }
}
