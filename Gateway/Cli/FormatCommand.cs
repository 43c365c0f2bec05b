using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Commands;
using Gateway.Configuration;
using Gateway.Scripting;

namespace Gateway.Cli;

/// <summary><c>format</c>: the bytes that a script makes of a command, without a gateway.</summary>
internal static class FormatCommand
{
    private const string DefaultDevice = "device";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Command Create()
    {
        var script = new Argument<string>("script") { Description = "The script: a path, or a file in the scripts folder." };
        var json = new Option<string>("--command") { Description = "The command as JSON, as POST /api/v1/commands takes it; device_id may be left out." };
        var list = new Option<bool>("--list") { Description = "Prints the commands that the script says it knows, a line of JSON for each, instead." };
        var options = new ConfigurationOptions();
        var command = new Command("format", "Prints the bytes that a script makes of a command, as hexadecimal digits.") { script, json, list };
        options.AddTo(command);
        command.SetAction(result =>
        {
            var error = result.InvocationConfiguration.Error;
            var configuration = options.Load(result);
            var document = result.GetValue(list) ? null : Read(result.GetValue(json), error);
            if (!configuration.IsUsable(error) || (document is null && !result.GetValue(list)))
            {
                return ExitCode.Usage;
            }

            if (ScriptFiles.Load(result.GetValue(script)!, configuration.Settings.Scripts, error) is not { } compiled)
            {
                return ExitCode.Failure;
            }

            var output = result.InvocationConfiguration.Output;
            return document is null ? List(compiled, output) : Format(compiled, document, configuration.Settings, output, error);
        });
        return command;
    }

    private static int List(CompiledScript script, TextWriter output)
    {
        foreach (var (type, description, schema, example) in script.Commands.Commands)
        {
            output.WriteLine(JsonSerializer.Serialize(new { CommandType = type, Description = description, Schema = schema, Example = example }, Json));
        }

        return ExitCode.Success;
    }

    private static int Format(CompiledScript script, CommandRequest document, GatewaySettings settings, TextWriter output, TextWriter error)
    {
        var command = document.ToCommand("format");
        if (script.Commands.Refusal(command) is { } refusal)
        {
            error.WriteLine(refusal.Message);
            return ExitCode.Failure;
        }

        var outcome = script.FormatCommand(command, ParseCommand.ConfigOf(script, document.DeviceId!, settings), null);
        ParseCommand.WriteWarnings(outcome.Warnings, error);
        if (outcome.Failure is { } failure)
        {
            error.WriteLine(failure.Message);
            return ExitCode.Failure;
        }

        if (outcome.Value is not { } bytes)
        {
            error.WriteLine($"{script.Name} knows no command of type \"{document.CommandType}\"");
            return ExitCode.Failure;
        }

        output.WriteLine(Convert.ToHexStringLower(bytes));
        return ExitCode.Success;
    }

    private static CommandRequest? Read(string? json, TextWriter error)
    {
        if (json is null)
        {
            error.WriteLine("--command is missing: the command as JSON; --list prints which there are");
            return null;
        }

        try
        {
            var document = JsonSerializer.Deserialize<CommandRequest>(json, Json) ?? new CommandRequest();
            document = document with { DeviceId = document.DeviceId ?? DefaultDevice };
            var problems = document.Problems(TimeProvider.System.GetUtcNow()).ToArray();
            foreach (var problem in problems)
            {
                error.WriteLine($"--command: {problem.Path}: {problem.Message}");
            }

            return problems.Length == 0 ? document : null;
        }
        catch (JsonException e)
        {
            error.WriteLine($"--command: {e.Message}");
            return null;
        }
    }
}
