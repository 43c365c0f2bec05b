using System.CommandLine;
using Gateway.Configuration;

namespace Gateway.Cli;

/// <summary><c>check</c>: whether the configuration can be used and every script compiles.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var command = new Command("check", "Validates gateway.json and compiles every script. The exit code is 0 when all is well, otherwise 1.");
        var options = new ConfigurationOptions();
        options.AddTo(command);
        command.SetAction(result => Check(options.Load(result), result.InvocationConfiguration.Output, result.InvocationConfiguration.Error));
        return command;
    }

    private static int Check(LoadedConfiguration configuration, TextWriter output, TextWriter error)
    {
        if (!configuration.IsUsable(error))
        {
            return ExitCode.Failure;
        }

        var folder = configuration.Settings.Scripts.Path;
        if (!Directory.Exists(folder))
        {
            error.WriteLine($"the scripts folder {folder} does not exist; make it, or name another one as scripts.path");
            return ExitCode.Failure;
        }

        var failed = false;
        foreach (var file in Directory.EnumerateFiles(folder, "*.csx").Order(StringComparer.Ordinal))
        {
            var build = ScriptFiles.Compile(file);
            foreach (var problem in build.Problems)
            {
                error.WriteLine(problem);
            }

            failed |= build.Script is null;
            output.WriteLine($"{ScriptFiles.DisplayName(file)}: {(build.Script is { } script ? $"version {script.Version}" : "does not compile")}");
        }

        foreach (var (name, profile) in configuration.Settings.Profiles.Where(pair => !File.Exists(Path.Combine(folder, pair.Value.Script))))
        {
            error.WriteLine($"profiles.{name}.script: there is no {profile.Script} in {folder}");
            failed = true;
        }

        output.WriteLine($"{(configuration.File is null ? "the built-in configuration" : configuration.Name)}: {(failed ? "not all is well" : "all is well")}");
        return failed ? ExitCode.Failure : ExitCode.Success;
    }
}
