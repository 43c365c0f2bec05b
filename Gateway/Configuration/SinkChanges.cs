using System.Text.Json;
using Gateway.Sinks;

namespace Gateway.Configuration;

/// <summary>Looks whether gateway.json has changed, and what it says of the sinks then. One caller at a time.</summary>
internal sealed class SinkChanges(LoadedConfiguration loaded)
{
    private (DateTime WrittenAt, long Length)? _seen = StampOf(loaded.File);
    private string _sinks = Text(loaded.Settings.Sinks);

    /// <summary>The sinks, when they or the problems are not those of the last look; null otherwise.</summary>
    public SinkReload? Look()
    {
        // A file that is not there for a moment is one that an editor is about to replace.
        if (StampOf(loaded.File) is not { } now || now == _seen)
        {
            return null;
        }

        _seen = now;
        var present = ConfigurationLoader.Load(loaded.Sources);
        if (present.Problems.Count > 0)
        {
            return new SinkReload(present.Settings.Sinks, [.. present.ProblemLines]);
        }

        var text = Text(present.Settings.Sinks);
        (var same, _sinks) = (text == _sinks, text);
        return same ? null : new SinkReload(present.Settings.Sinks, []);
    }

    private static (DateTime WrittenAt, long Length)? StampOf(string? path) =>
        path is not null && new FileInfo(path) is { Exists: true } file ? (file.LastWriteTimeUtc, file.Length) : null;

    private static string Text(IReadOnlyDictionary<string, SinkSettings> sinks) => JsonSerializer.Serialize(sinks, SettingsJson.Options);
}
