using System.CommandLine;
using System.Globalization;
using Gateway.Scripting;

namespace Gateway.Cli;

/// <summary><c>test</c>: whether scripts do what the vectors beside them say.</summary>
internal static class TestCommand
{
    public static Command Create()
    {
        var script = new Argument<string?>("script")
        {
            Description = "The script: a path, or a file in the scripts folder; all of the folder when missing.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var options = new ConfigurationOptions();
        var command = new Command("test", "Runs the vectors of a script, or of all scripts. The exit code is 0 when all pass, otherwise 1.") { script };
        options.AddTo(command);
        command.SetAction(result =>
        {
            var (output, error) = (result.InvocationConfiguration.Output, result.InvocationConfiguration.Error);
            var configuration = options.Load(result);
            return configuration.IsUsable(error) ? Test(result.GetValue(script), configuration.Settings.Scripts, output, error) : ExitCode.Usage;
        });
        return command;
    }

    private static int Test(string? script, ScriptSettings settings, TextWriter output, TextWriter error)
    {
        var files = script is null ? ScriptFiles.All(settings.Path, error) : ScriptFiles.Find(script, settings.Path, error) is { } file ? [file] : null;
        if (files is null)
        {
            return ExitCode.Failure;
        }

        var reports = files.Select(file => Run(file, settings, output, error)).ToArray();
        var (vectors, failed) = (reports.Sum(report => report.Results.Count), reports.Sum(report => report.Failed.Count()));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"vectors: {vectors}, failed: {failed}"));
        if (failed > 0)
        {
            output.WriteLine("Mend the script, or the vector when the change is meant. Until then the gateway goes on with the last version that passes.");
        }

        if (script is not null && reports[0] is { IsUsable: true, Results.Count: 0 })
        {
            // Who names a script wants it tested; a misspelt vector file must not pass for a good one.
            error.WriteLine($"there is nothing to test in {VectorFile.Of(ScriptFiles.DisplayName(files[0]))}: write what must come out of a frame there, as docs/vectors.md says");
            return ExitCode.Failure;
        }

        return Array.TrueForAll(reports, report => report.Passed) ? ExitCode.Success : ExitCode.Failure;
    }

    private static VectorReport Run(string file, ScriptSettings settings, TextWriter output, TextWriter error)
    {
        var report = VectorReport.Of(file, settings);
        output.WriteLine(report is { IsUsable: true, Results.Count: 0 } ? $"{ScriptFiles.DisplayName(file)}: no vectors" : ScriptFiles.DisplayName(file));
        foreach (var problem in report.Problems)
        {
            error.WriteLine(problem);
        }

        foreach (var result in report.Results)
        {
            output.WriteLine(result.Passed
                ? $"  ok    {result.Vector.Name}"
                : string.Create(CultureInfo.InvariantCulture, $"  FAIL  {result.Vector.Name} ({report.VectorFile}:{result.Vector.Line})"));
            foreach (var difference in result.Differences)
            {
                output.WriteLine($"          {difference.Place}");
                output.WriteLine($"            expected  {difference.Expected}");
                output.WriteLine($"            got       {difference.Actual}");
            }
        }

        return report;
    }
}
