using System.Collections;

namespace Gateway.Configuration;

/// <summary>Where the settings come from, the weakest first: the file, the environment, the command line.</summary>
internal sealed record ConfigurationSources
{
    /// <summary>The file that was asked for; null takes the gateway.json of the current folder, if there is one.</summary>
    public string? File { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The values of <c>--set</c>: <c>coap.port=0</c>.</summary>
    public IReadOnlyList<string> Sets { get; init; } = [];

    public string CurrentFolder { get; init; } = Directory.GetCurrentDirectory();

    /// <summary>Where the program lies, with the scripts that came with it.</summary>
    public string ProgramFolder { get; init; } = AppContext.BaseDirectory;

    /// <summary>The sources of this process.</summary>
    public static ConfigurationSources OfProcess(string? file, IReadOnlyList<string> sets) => new()
    {
        File = file,
        Sets = sets,
        Environment = System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? ""),
    };
}
