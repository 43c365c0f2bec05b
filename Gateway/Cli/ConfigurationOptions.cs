using System.CommandLine;
using Gateway.Configuration;

namespace Gateway.Cli;

/// <summary>The options of all commands that read gateway.json.</summary>
internal sealed class ConfigurationOptions
{
    private readonly Option<string?> _config = new("--config", "-c") { Description = "The configuration file; ./gateway.json when missing, and built-in defaults when that is missing too." };

    private readonly Option<string[]> _set = new("--set")
    {
        Description = "Overrides one value of the configuration, such as coap.port=0; may be repeated.",
        AllowMultipleArgumentsPerToken = false,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_config);
        command.Options.Add(_set);
    }

    public LoadedConfiguration Load(ParseResult result) =>
        ConfigurationLoader.Load(ConfigurationSources.OfProcess(result.GetValue(_config), result.GetValue(_set) ?? []));
}

internal static class LoadedConfigurations
{
    /// <summary>Whether the configuration has no problems; those that it has are written out.</summary>
    public static bool IsUsable(this LoadedConfiguration configuration, TextWriter error)
    {
        foreach (var line in configuration.ProblemLines)
        {
            error.WriteLine(line);
        }

        return configuration.Problems.Count == 0;
    }
}
