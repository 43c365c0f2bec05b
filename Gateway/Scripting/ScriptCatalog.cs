using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Gateway.Scripting;

/// <summary>
/// The scripts by their file names: compiled when first asked for, once for all who ask, and again when the file has changed.
/// Whatever becomes of a file, the last version that compiled and passed its vectors stays live.
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
        var vectorsRef = VectorFile.Of(script.Ref);
        var before = script.State with { Files = Stamps(script.Ref, vectorsRef) };
        ScriptProblem? unreadable = null;
        if (Read(script.Ref, ref unreadable) is not { } source)
        {
            unreadable ??= Missing(script.Ref);
        }
        else
        {
            var vectors = Read(vectorsRef, ref unreadable);
            if (unreadable is null)
            {
                Publish(script, Judge(script.Ref, source, vectors, before));
                return;
            }
        }

        metrics.Loaded(false);
        Publish(script, before with { Problems = [unreadable], FailedVersion = null });
    }

    private ScriptState Judge(string scriptRef, string source, string? vectors, ScriptState before)
    {
        var (version, vectorsVersion) = (ScriptVersion.Of(source), ScriptVersion.Of(vectors ?? ""));
        if (before.Current is { } live && version == live.Version)
        {
            // It serves already; when its vectors have changed, that they disagree is still worth knowing.
            return before with { Problems = GoldenVectors.Problems(live, vectors, folder.Display(VectorFile.Of(scriptRef))), FailedVersion = null };
        }

        if (version == before.FailedVersion && vectorsVersion == before.FailedVectors)
        {
            return before;
        }

        var started = time.GetTimestamp();
        var (script, problems) = Compile(scriptRef, source, vectors);
        metrics.Loaded(script is not null, time.GetElapsedTime(started));
        return script is null
            ? before with { Problems = problems, FailedVersion = version, FailedVectors = vectorsVersion }
            : before with { Current = script, LoadedAt = time.GetUtcNow(), Problems = [], FailedVersion = null };
    }

    // A version that fails its vectors is let go of before anybody sees it.
    private (CompiledScript? Script, IReadOnlyList<ScriptProblem> Problems) Compile(string scriptRef, string source, string? vectors)
    {
        var build = ScriptCompiler.Compile(source, folder.Display(scriptRef), _limits);
        if (!build.Succeeded)
        {
            return (null, build.Problems);
        }

        var failures = GoldenVectors.Problems(build.Script, vectors, folder.Display(VectorFile.Of(scriptRef)));
        if (failures.Count == 0)
        {
            return (build.Script, []);
        }

        unloaded.Retire(build.Script);
        return (null, failures);
    }

    private ImmutableDictionary<string, FileStamp> Stamps(params IEnumerable<string> files) => files.ToImmutableDictionary(file => file, folder.Stamp);

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

    // Null when it is not there; when it is but can't be read, there is a problem as well.
    private string? Read(string name, ref ScriptProblem? problem)
    {
        try
        {
            return folder.Read(name);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problem = ScriptProblem.OfFile(folder.Display(name), ScriptProblemCode.Unreadable, $"the file can't be read: {exception.Message}");
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
