using System.Text.Json.Nodes;

namespace Gateway.Configuration;

/// <summary>Finds the settings of all sources, lays them over each other, and checks the result as a whole.</summary>
internal static class ConfigurationLoader
{
    public const string FileName = "gateway.json";

    /// <summary>Never throws for what an admin wrote: what is wrong is in <see cref="LoadedConfiguration.Problems"/>, all of it.</summary>
    public static LoadedConfiguration Load(ConfigurationSources sources)
    {
        var problems = new List<SettingsProblem>();
        var file = Find(sources);
        var folder = file is null ? sources.CurrentFolder : Path.GetDirectoryName(file)!;
        var loaded = new LoadedConfiguration
        {
            // Before it is read: what is written meanwhile is a change.
            Stamp = FileStamp.Of(file),
            Secrets = new SettingsSecrets(sources.Environment, folder),
            Settings = new GatewaySettings(),
            Sources = sources,
            File = file,
            Name = NameOf(file, sources),
            BaseFolder = folder,
            Problems = problems,
        };

        // Without a tree there is nothing to lay anything over; whatever else could be said would be guessed.
        return (file is null ? new JsonObject() : ReadFile(file, problems)) is { } tree ? Complete(loaded, tree, sources, problems) : loaded;
    }

    private static LoadedConfiguration Complete(LoadedConfiguration loaded, JsonObject tree, ConfigurationSources sources, List<SettingsProblem> problems)
    {
        var overrides = SettingsOverride.FromEnvironment(sources.Environment).Concat(SettingsOverride.FromCommandLine(sources.Sets, problems));
        var origins = SettingsOverrides.Apply<GatewaySettings>(tree, [.. overrides], problems);
        var unread = new List<SettingsProblem>();
        var secrets = loaded.Secrets;
        var settings = SettingsReader.Read<GatewaySettings>(tree, unread, secrets);
        problems.AddRange(unread);

        // What could not be read is known already; its stand-in's faults are not the admin's.
        problems.AddRange(SettingsValidator.Validate(settings, loaded.BaseFolder)
            .Where(problem => !unread.Exists(known => SettingsPath.IsWithin(problem.Path, known.Path))));
        if (problems.Count > 0)
        {
            return loaded with { Problems = [.. problems.Select(problem => secrets.Hide(problem) with { Origin = problem.Origin ?? OriginOf(problem.Path, origins) })] };
        }

        return loaded with { Settings = WithScripts(SettingsPlaces.Resolve(settings, loaded.BaseFolder), loaded, sources) };
    }

    private static string? Find(ConfigurationSources sources) =>
        sources.File is { } asked ? Path.GetFullPath(asked, sources.CurrentFolder)
            : Path.Combine(sources.CurrentFolder, FileName) is var usual && File.Exists(usual) ? usual
            : null;

    private static string NameOf(string? file, ConfigurationSources sources) =>
        file is null ? FileName
            : Path.GetRelativePath(sources.CurrentFolder, file) is var near && near.StartsWith("..", StringComparison.Ordinal) ? file
            : near;

    private static JsonObject? ReadFile(string file, List<SettingsProblem> problems)
    {
        try
        {
            if (!SettingsJson.TryParse(File.ReadAllText(file), "", problems, out var tree))
            {
                return null;
            }

            if (tree is not JsonObject)
            {
                problems.Add(new SettingsProblem("", $"must be an object, not {SettingsJson.Show(tree)}"));
            }

            return tree as JsonObject;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problems.Add(new SettingsProblem("", $"the file can't be read: {error.Message}"));
            return null;
        }
    }

    private static string? OriginOf(string path, IReadOnlyDictionary<string, string> origins) =>
        origins.Keys.Where(place => SettingsPath.IsWithin(path, place)).MaxBy(place => place.Length) is { } nearest ? origins[nearest] : null;

    // Started somewhere without files of its own, the gateway uses the scripts that came with it.
    private static GatewaySettings WithScripts(GatewaySettings settings, LoadedConfiguration loaded, ConfigurationSources sources)
    {
        var usual = Path.GetFullPath(new GatewaySettings().Scripts.Path, loaded.BaseFolder);
        return loaded.File is null && settings.Scripts.Path == usual && !Directory.Exists(usual)
            ? settings with { Scripts = settings.Scripts with { Path = Path.Combine(sources.ProgramFolder, "scripts") } }
            : settings;
    }
}
