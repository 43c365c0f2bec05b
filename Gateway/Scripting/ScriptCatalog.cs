using System.Collections.Concurrent;

namespace Gateway.Scripting;

/// <summary>
/// The scripts by their file names: compiled when first asked for, once for all who ask, and again when the file has changed.
/// Whatever becomes of a file, the last version that compiled stays live.
/// </summary>
internal sealed class ScriptCatalog(
    ScriptFolder folder, UnloadedContexts unloaded, ScriptMetrics metrics, TimeProvider time, ScriptSettings settings, ILogger<ScriptCatalog> logger)
{
    // Names come in with commands, too. Those of files that are not there are remembered, so that the file is seen when it appears, but not without end.
    private const int MostEntriesWithoutFile = 1000;

    private readonly ScriptLimits _limits = ScriptLimits.Of(settings);
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

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
            return new CatalogScript(scriptRef, ScriptState.Unknown with { Problems = [Missing(scriptRef)] });
        }

        var entry = _entries.GetOrAdd(scriptRef, static (key, load) => new Entry(new CatalogScript(key, ScriptState.Unknown), load), Load);
        await entry.LoadOnceAsync().WaitAsync(cancellation);
        return entry.Script;
    }

    // On a pool thread, one at a time for each script.
    private void Load(CatalogScript script)
    {
        var before = script.State with { Stamp = folder.Stamp(script.Ref) };
        if (Read(script.Ref, out var unreadable) is not { } source)
        {
            metrics.Loaded(false);
            Publish(script, before with { Problems = [unreadable!], FailedVersion = null });
            return;
        }

        var version = ScriptVersion.Of(source);
        if (version == before.Current?.Version)
        {
            Publish(script, before with { Problems = [], FailedVersion = null });
        }
        else if (version == before.FailedVersion)
        {
            Publish(script, before);
        }
        else
        {
            Publish(script, Compile(source, version, script.Ref, before));
        }
    }

    private ScriptState Compile(string source, string version, string scriptRef, ScriptState before)
    {
        var started = time.GetTimestamp();
        var build = ScriptCompiler.Compile(source, folder.Display(scriptRef), _limits);
        metrics.Loaded(build.Succeeded, time.GetElapsedTime(started));
        return build.Succeeded
            ? before with { Current = build.Script, LoadedAt = time.GetUtcNow(), Problems = [], FailedVersion = null }
            : before with { Problems = build.Problems, FailedVersion = version };
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

    private string? Read(string scriptRef, out ScriptProblem? problem)
    {
        try
        {
            problem = null;
            return folder.Read(scriptRef);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            problem = Missing(scriptRef);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problem = ScriptProblem.OfFile(folder.Display(scriptRef), ScriptProblemCode.Unreadable, $"the script can't be read: {exception.Message}");
            return null;
        }
    }

    private ScriptProblem Missing(string scriptRef) =>
        ScriptProblem.OfFile(folder.Display(scriptRef), ScriptProblemCode.Unreadable, $"there is no such script in {folder.Path}");

    /// <summary>A script with its loads, which come one after the other.</summary>
    private sealed class Entry(CatalogScript script, Action<CatalogScript> load)
    {
        private readonly Lock _gate = new();
        private Task? _last;
        private volatile bool _loaded;

        public CatalogScript Script => script;

        public bool IsLoaded => _loaded;

        public Task LoadOnceAsync()
        {
            lock (_gate)
            {
                return _last = _last is null or { IsFaulted: true } ? Task.Run(LoadNow) : _last;
            }
        }

        public Task LoadAgainAsync()
        {
            lock (_gate)
            {
                return _last = AfterAsync(_last ?? Task.CompletedTask);
            }
        }

        private async Task AfterAsync(Task previous)
        {
            await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
            LoadNow();
        }

        private void LoadNow()
        {
            load(script);
            _loaded = true;
        }
    }
}
