namespace Gateway.Scripting;

/// <summary>A script of the catalog with the work on it, which is done one piece after the other.</summary>
/// <param name="script">The script.</param>
/// <param name="gate">Lets so many scripts be built at a time: the compiler keeps a processor busy.</param>
/// <param name="stopping">Ends what has not begun.</param>
internal sealed class CatalogEntry(CatalogScript script, SemaphoreSlim gate, CancellationToken stopping)
{
    private readonly Lock _lock = new();
    private Task? _last;
    private volatile bool _loaded;

    /// <summary>The script.</summary>
    public CatalogScript Script => script;

    /// <summary>Whether the first load is through, whatever came of it.</summary>
    public bool IsLoaded => _loaded;

    /// <summary>All work that has been asked for so far.</summary>
    public Task Idle => _last ?? Task.CompletedTask;

    /// <summary>Loads the script if nobody has; all who ask wait for the one load.</summary>
    public Task LoadOnceAsync(Action<CatalogScript> load)
    {
        lock (_lock)
        {
            return _last = _last is null or { IsFaulted: true } ? AfterAsync(Task.CompletedTask, load) : _last;
        }
    }

    /// <summary>Does some work on the script, once all that was asked for before is through.</summary>
    public Task RunAsync(Action<CatalogScript> work)
    {
        lock (_lock)
        {
            return _last = AfterAsync(_last ?? Task.CompletedTask, work);
        }
    }

    private async Task AfterAsync(Task previous, Action<CatalogScript> work)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        await gate.WaitAsync(stopping);
        try
        {
            work(script);
            _loaded = true;
        }
        finally
        {
            gate.Release();
        }
    }
}
