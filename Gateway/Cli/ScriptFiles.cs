using Gateway.Scripting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Cli;

/// <summary>Scripts as the command line names them: a path, or a file of the scripts folder.</summary>
internal static class ScriptFiles
{
    /// <summary>The file that is meant, or null.</summary>
    private static string? Find(string name, string scriptsFolder) =>
        new[] { name, Path.Combine(scriptsFolder, name) }.Where(File.Exists).Select(Path.GetFullPath).FirstOrDefault();

    /// <summary>The file that is meant; null, and why, when there is none.</summary>
    public static string? Find(string name, string scriptsFolder, TextWriter error)
    {
        var file = Find(name, scriptsFolder);
        if (file is null)
        {
            error.WriteLine($"there is no script {name}, neither here nor in {scriptsFolder}; \"new script\" writes one");
        }

        return file;
    }

    /// <summary>The scripts of the folder in the order of their names; null, and why, when there is no such folder.</summary>
    public static IReadOnlyList<string>? All(string scriptsFolder, TextWriter error)
    {
        if (Directory.Exists(scriptsFolder))
        {
            return [.. Directory.EnumerateFiles(scriptsFolder, $"*{ScriptFolder.Extension}").Order(StringComparer.Ordinal)];
        }

        error.WriteLine($"the scripts folder {scriptsFolder} does not exist; make it, or name another one as scripts.path");
        return null;
    }

    /// <summary>Reads a script with all that belongs to it, as the gateway does.</summary>
    public static SourceReading Read(string file, ScriptSettings settings)
    {
        var (name, script) = (DisplayName(file), Path.GetFileName(file));
        return new SourceReader(new ScriptFolder(Path.GetDirectoryName(file)!, name[..^script.Length].TrimEnd('/')), new ProtoFolder(settings.ProtosPath), settings).Read(script);
    }

    /// <summary>Compiles a script under the limits that the gateway would run it with.</summary>
    public static ScriptBuild Compile(SourceReading reading, ScriptSettings settings) =>
        reading.Source is { } source ? new ScriptBuilder(new UnloadedContexts(), settings, Cache(settings)).Compile(source) : new ScriptBuild([reading.Problem!]);

    // Shared with the gateway; where none has run yet, nothing is left behind.
    private static ImageCache? Cache(ScriptSettings settings) =>
        Directory.Exists(Path.GetDirectoryName(settings.CachePath)) ? ImageCache.Of(settings, NullLogger.Instance) : null;

    /// <summary>As short as it can be said from here: <c>scripts/efento.csx</c>.</summary>
    public static string DisplayName(string file)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, file).Replace('\\', '/');
        return relative.StartsWith("../", StringComparison.Ordinal) ? file.Replace('\\', '/') : relative;
    }

    /// <summary>Compiles the script that was named, or says why that cannot be.</summary>
    public static CompiledScript? Load(string name, ScriptSettings settings, TextWriter error)
    {
        if (Find(name, settings.Path, error) is not { } file)
        {
            return null;
        }

        var build = Compile(Read(file, settings), settings);
        foreach (var problem in build.Problems)
        {
            error.WriteLine(problem);
        }

        return build.Script;
    }
}
