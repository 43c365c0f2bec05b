using System.Collections.Concurrent;

namespace Gateway.Scripting;

/// <summary>
/// The scripts by their file names: built when first asked for, once for all who ask, and again when the file has changed.
/// Whatever becomes of a file, the last version that compiled and passed its vectors stays live, over a restart too.
/// </summary>
internal sealed class ScriptCatalog(
    ScriptFolder folder,
    SourceReader reader,
    VersionJudge judge,
    ScriptVersionsFile versions,
    UnloadedContexts unloaded,
    ILogger<ScriptCatalog> logger) : IAsyncDisposable
{
    // Names come in with commands, too. Those of files that are not there are remembered, so that the file is seen when it appears, but not without end.
    private const int MostEntriesWithoutFile = 1000;

    private readonly ConcurrentDictionary<string, CatalogEntry> _entries = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _gate = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Raised after a script was read or another of its versions was made live, on the thread that did it: whoever listens must not throw.</summary>
    public event Action<CatalogScript>? Published;

    /// <summary>The scripts that have been asked for, with those that do not compile or are not there.</summary>
    public IReadOnlyCollection<CatalogScript> Loaded => [.. _entries.Values.Where(entry => entry.IsLoaded).Select(entry => entry.Script)];

    /// <summary>The scripts in the folder by their file names, asked for or not, and those that have been asked for and are not there any more.</summary>
    public IReadOnlyCollection<string> Names => [.. folder.Scripts().Concat(_entries.Values.Where(entry => entry.Script.Current is not null).Select(entry => entry.Script.Ref)).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The script with this file name. At first need it is built, on another thread; a failure is in its problems.</summary>
    /// <param name="scriptRef">The file's name in the scripts folder. Any other text gives a script that has nothing but a problem.</param>
    /// <param name="cancellation">Ends the waiting of this caller, not the building.</param>
    public ValueTask<CatalogScript> GetAsync(string scriptRef, CancellationToken cancellation) =>
        _entries.TryGetValue(scriptRef, out var entry) && entry.IsLoaded ? new(entry.Script) : new(LoadAsync(scriptRef, cancellation));

    /// <summary>The same for who only wants to look: a name of no script is not remembered, so that nobody waits for its file.</summary>
    public ValueTask<CatalogScript> PeekAsync(string scriptRef, CancellationToken cancellation) =>
        _entries.ContainsKey(scriptRef) || (folder.CheckReference(scriptRef) is null && folder.Stamp(scriptRef).Exists)
            ? GetAsync(scriptRef, cancellation)
            : new(new CatalogScript(scriptRef, ScriptState.Unknown with { Problems = [folder.CheckReference(scriptRef) ?? reader.Missing(scriptRef)] }));

    /// <summary>The same, after a look at the file: when its content has changed, it is built.</summary>
    public async Task<CatalogScript> RefreshAsync(string scriptRef, CancellationToken cancellation)
    {
        if (!_entries.TryGetValue(scriptRef, out var entry) || !entry.IsLoaded)
        {
            return await LoadAsync(scriptRef, cancellation);
        }

        await entry.RunAsync(Load).WaitAsync(cancellation);
        return entry.Script;
    }

    /// <summary>Makes a version live that was so before. It stays so until the file is edited. Gives why it can't be, or null.</summary>
    /// <param name="scriptRef">The script.</param>
    /// <param name="version">The version's id; null for the one before the present.</param>
    /// <param name="reason">Who wants it, and why.</param>
    /// <param name="cancellation">Ends the waiting of this caller, not the work.</param>
    public async Task<string?> ActivateAsync(string scriptRef, string? version, string reason, CancellationToken cancellation)
    {
        var script = await GetAsync(scriptRef, cancellation);
        if (!_entries.TryGetValue(scriptRef, out var entry))
        {
            return script.Problems[0].Message;
        }

        string? problem = null;
        await entry.RunAsync(script => Publish(script, judge.Activate(script.State, version, reason, out problem))).WaitAsync(cancellation);
        return problem;
    }

    /// <summary>Takes a live version back, in the background, unless another is live by then.</summary>
    public void TakeBack(CatalogScript script, LiveVersion live, string reason)
    {
        if (!live.TakeBack() || !_entries.TryGetValue(script.Ref, out var entry))
        {
            return;
        }

        _ = entry.RunAsync(script =>
        {
            if (script.State.Live != live)
            {
                return;
            }

            Publish(script, judge.Activate(script.State, null, reason, out var problem));
            logger.TakenBack(script.Ref, live.Script.Version, reason, problem ?? $"version {script.Current!.Version} is live again");
        });
    }

    /// <summary>Makes the candidate live: its file takes the place of the script's. Gives why it can't be, or null.</summary>
    public async Task<string?> PromoteAsync(string scriptRef, CancellationToken cancellation)
    {
        var script = await RefreshAsync(scriptRef, cancellation);
        if (script.State.Candidate is not { } candidate)
        {
            return "there is no candidate";
        }

        if (candidate.Script is null)
        {
            return $"the candidate is no good: {string.Join("; ", candidate.Problems)}";
        }

        string? problem = null;
        await _entries[scriptRef].RunAsync(script =>
        {
            if ((problem = folder.Promote(scriptRef)) is null)
            {
                Load(script);
            }
        }).WaitAsync(cancellation);
        return problem;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // What is being built writes to disk when it is done.
        await _stopping.CancelAsync();
        foreach (var entry in _entries.Values)
        {
            await entry.Idle.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _stopping.Dispose();
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

        var entry = _entries.GetOrAdd(
            scriptRef, static (key, house) => new CatalogEntry(new CatalogScript(key, ScriptState.Unknown), house._gate, house._stopping.Token), this);
        await entry.LoadOnceAsync(Load).WaitAsync(cancellation);
        return entry.Script;
    }

    private void Load(CatalogScript script)
    {
        var reading = reader.Read(script.Ref);
        var before = script.State with { Files = reading.Files };

        // What was remembered counts at the first load, and again when only the machine kept it from being used.
        var remembered = before.Live is null && VersionJudge.MayPass(before.Problems) ? versions.Read(script.Ref, folder.Display(script.Ref)) : null;
        var state = reading.Source is { } source ? judge.Judge(source, before, remembered) : judge.WithoutFile(reading.Problem!, before, remembered);
        Publish(script, state with { Candidate = reading.Candidate is { } candidate ? judge.Candidate(candidate, before.Candidate) : null });
    }

    // From the assignment on everybody has the new version; calls under way end in the old one.
    private void Publish(CatalogScript script, ScriptState state)
    {
        var before = script.State;
        script.State = state;
        logger.Changes(script.Ref, before, state);
        Retire(before.Current, state.Current);
        Retire(before.Candidate?.Script, state.Candidate?.Script);
        if (before.Live != state.Live || before.Pin != state.Pin)
        {
            versions.Write(script.Ref, state);
        }

        Published?.Invoke(script);
    }

    private void Retire(CompiledScript? before, CompiledScript? now)
    {
        if (before is not null && before != now)
        {
            unloaded.Retire(before);
        }
    }
}
