using System.Buffers;
using System.CommandLine;
using Gateway.Configuration;
using Gateway.Devices;
using Gateway.Scripting;
using Gateway.Scripting.Contract;
using Command = System.CommandLine.Command;

namespace Gateway.Cli;

/// <summary><c>parse</c>: what a script reads in a payload, without a gateway.</summary>
internal static class ParseCommand
{
    public static Command Create()
    {
        var script = new Argument<string>("script") { Description = "The script: a path, or a file in the scripts folder." };
        var path = new Option<string>("--path") { Description = "The path that the frame came to.", DefaultValueFactory = _ => "/m" };
        var method = new Option<string>("--method") { Description = "The method that it came with.", DefaultValueFactory = _ => "POST" };
        var device = new Option<string?>("--device") { Description = "The device's id; when missing, what the script identifies, or \"device\"." };
        var payload = new PayloadOptions();
        var options = new ConfigurationOptions();
        var command = new Command("parse", "Prints what a script reads in a payload, a line of JSON for each reading.") { script, path, method, device };
        payload.AddTo(command);
        options.AddTo(command);
        command.SetAction(result =>
        {
            var error = result.InvocationConfiguration.Error;
            var configuration = options.Load(result);
            if (!configuration.IsUsable(error) || payload.Read(result) is not { } bytes)
            {
                return ExitCode.Usage;
            }

            if (ScriptFiles.Load(result.GetValue(script)!, configuration.Settings.Scripts, error) is not { } compiled)
            {
                return ExitCode.Failure;
            }

            if (!payload.IsGiven(result))
            {
                error.WriteLine("no payload is given, so an empty one is read; --hex or --file gives one");
            }

            var request = RequestOf(result.GetValue(method)!, result.GetValue(path)!);
            return Parse(compiled, bytes, request, result.GetValue(device), configuration.Settings, result.InvocationConfiguration.Output, error);
        });
        return command;
    }

    /// <summary>The configuration of a device that is not registered anywhere: that of the first profile of its script.</summary>
    public static DeviceConfig ConfigOf(CompiledScript script, string device, GatewaySettings settings)
    {
        var file = Path.GetFileName(script.Name);
        var name = settings.Profiles.Where(pair => pair.Value.Script == file).Select(pair => pair.Key).Order(StringComparer.Ordinal).FirstOrDefault();
        return name is null
            ? new DeviceConfig { DeviceId = device, Profile = "", ParserScriptRef = file }
            : new ProfileCatalog(settings.Profiles).Anonymous(name)! with { DeviceId = device };
    }

    /// <summary>Shows what a script warned of.</summary>
    public static void WriteWarnings(IReadOnlyList<string> warnings, TextWriter error)
    {
        foreach (var warning in warnings)
        {
            error.WriteLine($"warning: {warning}");
        }
    }

    private static int Parse(
        CompiledScript script, byte[] payload, UplinkRequest request, string? device, GatewaySettings settings, TextWriter output, TextWriter error)
    {
        if (device is null && script.CanIdentify)
        {
            var identified = script.Identify(payload, request);
            if (identified.Failure is { } unidentified)
            {
                error.WriteLine(unidentified.Message);
                return ExitCode.Failure;
            }

            device = identified.Value;
        }

        var config = ConfigOf(script, device ?? "device", settings);
        var parsed = script.Parse(payload, config, request);
        WriteWarnings(parsed.Warnings, error);
        if (parsed.Failure is { } failure)
        {
            error.WriteLine(failure.Message);
            return ExitCode.Failure;
        }

        if (parsed.Value.Count == 0)
        {
            error.WriteLine($"{script.Name} understands the payload, and reads nothing in it");
        }

        foreach (var reading in ReadingCompletion.Complete(parsed.Value, config, request, parsed.Warnings))
        {
            var line = new ArrayBufferWriter<byte>();
            ReadingJson.Write(line, reading);
            output.WriteLine(System.Text.Encoding.UTF8.GetString(line.WrittenSpan));
        }

        return ExitCode.Success;
    }

    private static UplinkRequest RequestOf(string method, string path) => new()
    {
        RequestId = "parse",
        Method = method.ToUpperInvariant(),
        Path = path.StartsWith('/') ? path : "/" + path,
        Confirmable = true,
        ReceivedAt = TimeProvider.System.GetUtcNow(),
        Peer = "[::1]:5683",
    };
}
