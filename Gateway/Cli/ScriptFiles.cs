using Gateway.Scripting;

namespace Gateway.Cli;

/// <summary>Scripts as the command line names them: a path, or a file of the scripts folder.</summary>
internal static class ScriptFiles
{
    /// <summary>The file that is meant, or null.</summary>
    public static string? Find(string name, string scriptsFolder) =>
        new[] { name, Path.Combine(scriptsFolder, name) }.Where(File.Exists).Select(Path.GetFullPath).FirstOrDefault();

    public static ScriptBuild Compile(string file) => ScriptCompiler.Compile(File.ReadAllText(file), DisplayName(file));

    /// <summary>As short as it can be said from here: <c>scripts/efento.csx</c>.</summary>
    public static string DisplayName(string file)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, file).Replace('\\', '/');
        return relative.StartsWith("../", StringComparison.Ordinal) ? file : relative;
    }

    /// <summary>Compiles the script that was named, or says why that cannot be.</summary>
    public static CompiledScript? Load(string name, string scriptsFolder, TextWriter error)
    {
        if (Find(name, scriptsFolder) is not { } file)
        {
            error.WriteLine($"there is no script {name}, neither here nor in {scriptsFolder}");
            return null;
        }

        var build = Compile(file);
        foreach (var problem in build.Problems)
        {
            error.WriteLine(problem);
        }

        return build.Script;
    }
}
