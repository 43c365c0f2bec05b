using System.CommandLine;
using Gateway.Configuration;
using Gateway.Scripting;

namespace Gateway.Cli;

/// <summary><c>new script</c>: a parser script to start from, which works, with its vectors.</summary>
internal static class NewCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "What the script is to be called: letters, digits, '.', '_' and '-'." };
        var asClass = new Option<bool>("--class") { Description = "A class that implements IDeviceParser, instead of functions." };
        var folder = new Option<string?>("--folder") { Description = "Where to put it; the scripts folder of the configuration when missing." };
        var options = new ConfigurationOptions();
        var script = new Command("script", "Writes a parser script that works, with its vectors, for you to put your device's format into.") { name, asClass, folder };
        options.AddTo(script);
        script.SetAction(result =>
        {
            var (output, error) = (result.InvocationConfiguration.Output, result.InvocationConfiguration.Error);
            var configuration = options.Load(result);
            return configuration.IsUsable(error)
                ? New(result.GetValue(name)!, result.GetValue(asClass), result.GetValue(folder), configuration.Settings, output, error)
                : ExitCode.Usage;
        });
        return new Command("new", "Makes something to start from.") { script };
    }

    private static int New(string name, bool asClass, string? folder, GatewaySettings settings, TextWriter output, TextWriter error)
    {
        var script = name.EndsWith(ScriptFolder.Extension, StringComparison.Ordinal) ? name : name + ScriptFolder.Extension;
        var place = new ScriptFolder(folder ?? settings.Scripts.Path);
        if (place.CheckReference(script) is { } problem)
        {
            error.WriteLine(problem.Message);
            return ExitCode.Usage;
        }

        var file = place.PathOf(script);
        try
        {
            Directory.CreateDirectory(place.Path);
            Write(file, ScriptTemplate.Of(script, asClass));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"the script can't be written: {e.Message}");
            return ExitCode.Failure;
        }

        output.Write(NextSteps.Of(file, settings));
        return ExitCode.Success;
    }

    // Both or neither, and nothing that is there already is written over. The vectors come first: a gateway that runs may see the script at once.
    private static void Write(string file, ScriptTemplate template)
    {
        var vectors = VectorFile.Of(file);
        if (new[] { file, vectors }.FirstOrDefault(File.Exists) is { } there)
        {
            throw new IOException($"{ScriptFiles.DisplayName(there)} is there already; give the new script another name");
        }

        WriteNew(vectors, template.Vectors);
        try
        {
            WriteNew(file, template.Script);
        }
        catch
        {
            File.Delete(vectors);
            throw;
        }
    }

    private static void WriteNew(string file, string text)
    {
        using var writer = new StreamWriter(new FileStream(file, FileMode.CreateNew, FileAccess.Write));
        writer.Write(text);
    }
}
