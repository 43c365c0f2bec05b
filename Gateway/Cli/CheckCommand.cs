using System.CommandLine;
using System.Globalization;
using Gateway.Configuration;
using Gateway.Scripting;

namespace Gateway.Cli;

/// <summary><c>check</c>: whether the configuration can be used, and every script compiles and passes its vectors.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var command = new Command("check", "Validates gateway.json, compiles every script and runs its vectors. The exit code is 0 when all is well, otherwise 1.");
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
        if (ScriptFiles.All(folder, error) is not { } files)
        {
            return ExitCode.Failure;
        }

        // A file that several scripts load has its problem once.
        var told = new HashSet<ScriptProblem>();
        var failed = false;
        foreach (var file in files)
        {
            var report = VectorReport.Of(file, configuration.Settings.Scripts);
            foreach (var problem in report.Problems.Concat(report.Failed.Select(result => result.ToProblem(report.VectorFile))).Where(told.Add))
            {
                error.WriteLine(problem);
            }

            failed |= !report.Passed;
            output.WriteLine($"{ScriptFiles.DisplayName(file)}: {Summary(report)}");
        }

        foreach (var (name, profile) in configuration.Settings.Profiles.Where(pair => !File.Exists(Path.Combine(folder, pair.Value.Script))))
        {
            error.WriteLine($"profiles.{name}.script: there is no {profile.Script} in {folder}");
            failed = true;
        }

        foreach (var name in configuration.Settings.Scripts.Trusted.Where(name => !File.Exists(Path.Combine(folder, name))))
        {
            error.WriteLine($"scripts.trusted: there is no {name} in {folder}");
            failed = true;
        }

        output.WriteLine($"{(configuration.File is null ? "the built-in configuration" : configuration.Name)}: {(failed ? "not all is well" : "all is well")}");
        return failed ? ExitCode.Failure : ExitCode.Success;
    }

    private static string Summary(VectorReport report) => report switch
    {
        { Script: null } => "does not compile",
        { IsUsable: false } => $"version {report.Script.Version}, whose vectors can't be used",
        { Passed: false } => $"version {report.Script.Version} fails its vectors",
        { Results.Count: 0 } => $"version {report.Script.Version}",
        _ => string.Create(CultureInfo.InvariantCulture, $"version {report.Script.Version}, passes its vectors ({report.Results.Count})"),
    };
}
