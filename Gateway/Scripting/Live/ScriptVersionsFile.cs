using System.Collections.Immutable;
using System.Text.Json;

namespace Gateway.Scripting;

/// <summary>
/// Remembers, over a restart, which version of a script was live, which were before, and whether the file's version was turned away.
/// It is what makes a broken file harmless at start, too. Losing it loses only this.
/// </summary>
internal sealed class ScriptVersionsFile(ScriptSettings settings, ILogger<ScriptVersionsFile> logger)
{
    private readonly string? _folder = string.IsNullOrWhiteSpace(settings.VersionsPath) ? null : settings.VersionsPath;

    /// <summary>What was remembered of a script; null when that is nothing, or can't be read, which is logged.</summary>
    /// <param name="scriptRef">The script's file name.</param>
    /// <param name="name">The script as people name it.</param>
    public RememberedVersions? Read(string scriptRef, string name)
    {
        try
        {
            return _folder is null || !File.Exists(FileOf(scriptRef))
                ? null
                : JsonSerializer.Deserialize(File.ReadAllBytes(FileOf(scriptRef)), VersionsJson.Default.VersionsDocument)?.ToVersions(name, settings.Trusts(scriptRef));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            logger.VersionsUnreadable(FileOf(scriptRef), exception.Message);
            return null;
        }
    }

    /// <summary>Remembers what is live, what was, and what was turned away. That it can't is logged; the gateway goes on.</summary>
    public void Write(string scriptRef, ScriptState state)
    {
        if (_folder is null || state.Live is null)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(_folder);
            var unfinished = FileOf(scriptRef) + ".tmp";
            File.WriteAllBytes(unfinished, JsonSerializer.SerializeToUtf8Bytes(VersionsDocument.Of(state), VersionsJson.Default.VersionsDocument));
            File.Move(unfinished, FileOf(scriptRef), overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.VersionsNotWritten(FileOf(scriptRef), exception.Message);
        }
    }

    private string FileOf(string scriptRef) => Path.Combine(_folder!, $"{scriptRef}.json");
}

/// <summary>What was remembered of a script.</summary>
/// <param name="Live">The version that was live.</param>
/// <param name="Past">Those before it, the latest first.</param>
/// <param name="Pin">Whether the file's version was turned away.</param>
internal sealed record RememberedVersions(PastVersion Live, ImmutableArray<PastVersion> Past, ScriptPin? Pin);
