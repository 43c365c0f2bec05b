using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Commands;

namespace Gateway.Cli;

/// <summary><c>format</c>: the bytes that a script makes of a command, without a gateway.</summary>
internal static class FormatCommand
{
    private const string DefaultDevice = "device";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public static Command Create()
    {
        var script = new Argument<string>("script") { Description = "The script: a path, or a file in the scripts folder." };
        var json = new Option<string>("--command") { Description = "The command as JSON, as POST /api/v1/commands takes it; device_id may be left out.", Required = true };
        var options = new ConfigurationOptions();
        var command = new Command("format", "Prints the bytes that a script makes of a command, as hexadecimal digits.") { script, json };
        options.AddTo(command);
        command.SetAction(result =>
        {
            var error = result.InvocationConfiguration.Error;
            var configuration = options.Load(result);
            if (!configuration.IsUsable(error) || Read(result.GetValue(json)!, error) is not { } document)
            {
                return ExitCode.Usage;
            }

            if (ScriptFiles.Load(result.GetValue(script)!, configuration.Settings.Scripts, error) is not { } compiled)
            {
                return ExitCode.Failure;
            }

            var outcome = compiled.FormatCommand(document.ToCommand("format"), ParseCommand.ConfigOf(compiled, document.DeviceId!, configuration.Settings), null);
            if (outcome.Failure is { } failure)
            {
                error.WriteLine(failure.Message);
                return ExitCode.Failure;
            }

            if (outcome.Value is not { } bytes)
            {
                error.WriteLine($"{compiled.Name} knows no command of type \"{document.CommandType}\"");
                return ExitCode.Failure;
            }

            result.InvocationConfiguration.Output.WriteLine(Convert.ToHexStringLower(bytes));
            return ExitCode.Success;
        });
        return command;
    }

    private static CommandDocument? Read(string json, TextWriter error)
    {
        try
        {
            var document = JsonSerializer.Deserialize<CommandDocument>(json, Json) ?? new CommandDocument();
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
