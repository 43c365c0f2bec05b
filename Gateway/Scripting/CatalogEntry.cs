namespace Gateway.Scripting;

/// <summary>A script of the catalog with its loads, which come one after the other.</summary>
internal sealed class CatalogEntry(CatalogScript script, Action<CatalogScript> load)
{
    private readonly Lock _gate = new();
    private Task? _last;
    private volatile bool _loaded;

    /// <summary>The script.</summary>
    public CatalogScript Script => script;

    /// <summary>Whether the first load is through, whatever came of it.</summary>
    public bool IsLoaded => _loaded;

    /// <summary>Loads the script if nobody has; all who ask wait for the one load.</summary>
    public Task LoadOnceAsync()
    {
        lock (_gate)
        {
            return _last = _last is null or { IsFaulted: true } ? Task.Run(LoadNow) : _last;
        }
    }

    /// <summary>Loads it again, once the loads that were asked for before are through.</summary>
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
