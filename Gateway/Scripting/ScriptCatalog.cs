using System.Collections.Concurrent;

namespace Gateway.Scripting;

/// <summary>
/// The scripts by their file names: compiled when first asked for, once for all who ask, and again when the file has changed.
/// Whatever becomes of a file, the last version that compiled and passed its vectors stays live.
/// </summary>
internal sealed class ScriptCatalog(
    ScriptFolder folder,
    SourceReader reader,
    ScriptBuilder builder,
    UnloadedContexts unloaded,
    ScriptMetrics metrics,
    TimeProvider time,
    ILogger<ScriptCatalog> logger)
{
    // Names come in with commands, too. Those of files that are not there are remembered, so that the file is seen when it appears, but not without end.
    private const int MostEntriesWithoutFile = 1000;

    private readonly ConcurrentDictionary<string, CatalogEntry> _entries = new(StringComparer.Ordinal);

    /// <summary>The scripts that have been asked for, with those that do not compile or are not there.</summary>
    public IReadOnlyCollection<CatalogScript> Loaded => [.. _entries.Values.Where(entry => entry.IsLoaded).Select(entry => entry.Script)];

    /// <summary>The script with this file name. At first need it is compiled, on another thread; a failure is in its problems.</summary>
    /// <param name="scriptRef">The file's name in the scripts folder. Any other text gives a script that has nothing but a problem.</param>
    /// <param name="cancellation">Ends the waiting of this caller, not the compilation.</param>
    public ValueTask<CatalogScript> GetAsync(string scriptRef, CancellationToken cancellation) =>
        _entries.TryGetValue(scriptRef, out var entry) && entry.IsLoaded ? new(entry.Script) : new(LoadAsync(scriptRef, cancellation));

    /// <summary>The same, after a look at the file: when its content has changed, it is compiled.</summary>
    public async Task<CatalogScript> RefreshAsync(string scriptRef, CancellationToken cancellation)
    {
        if (!_entries.TryGetValue(scriptRef, out var entry) || !entry.IsLoaded)
        {
            return await LoadAsync(scriptRef, cancellation);
        }

        await entry.LoadAgainAsync().WaitAsync(cancellation);
        return entry.Script;
    }

    private async Task<CatalogScript> LoadAsync(string scriptRef, CancellationToken cancellation)
    {
        if (folder.CheckReference(scriptRef) is { } problem)
        {
            return new CatalogScript(scriptRef, ScriptState.Unknown with { Problems = [problem] });
        }

        if (_entries.Count >= MostEntriesWithoutFile && !folder.Stamp(scriptRef).Exists)
        {
            return new CatalogScript(scriptRef, ScriptState.Unknown with { Problems = [reader.Missing(scriptRef)] });
        }

        var entry = _entries.GetOrAdd(scriptRef, static (key, load) => new CatalogEntry(new CatalogScript(key, ScriptState.Unknown), load), Load);
        await entry.LoadOnceAsync().WaitAsync(cancellation);
        return entry.Script;
    }

    // On a pool thread, one at a time for each script.
    private void Load(CatalogScript script)
    {
        var reading = reader.Read(script.Ref);
        var before = script.State with { Files = reading.Files };
        if (reading.Source is { } source)
        {
            Publish(script, Judge(source, before));
            return;
        }

        metrics.Loaded(false);
        Publish(script, before with { Problems = [reading.Problem!], FailedVersion = null });
    }

    private ScriptState Judge(ScriptSource source, ScriptState before)
    {
        if (before.Current is { } live && source.Version == live.Version)
        {
            // It serves already; when its vectors have changed, that they disagree is still worth knowing.
            return before with { Problems = GoldenVectors.Problems(live, source.Vectors, source.VectorsName), FailedVersion = null };
        }

        var vectorsVersion = ScriptVersion.Of(source.Vectors ?? "");
        if (source.Version == before.FailedVersion && vectorsVersion == before.FailedVectors)
        {
            return before;
        }

        var started = time.GetTimestamp();
        var build = builder.Build(source);
        metrics.Loaded(build.Succeeded, time.GetElapsedTime(started));
        return build.Succeeded
            ? before with { Current = build.Script, LoadedAt = time.GetUtcNow(), Problems = [], FailedVersion = null }
            : before with { Problems = build.Problems, FailedVersion = source.Version, FailedVectors = vectorsVersion };
    }

    // From the assignment on everybody has the new version; calls under way end in the old one.
    private void Publish(CatalogScript script, ScriptState state)
    {
        var before = script.State;
        script.State = state;
        logger.Changes(script.Ref, before, state);
        if (before.Current is { } replaced && replaced != state.Current)
        {
            unloaded.Retire(replaced);
        }
    }
}
