using Gateway.Devices;
using Gateway.Scripting;

namespace Gateway.Commands;

/// <summary>
/// Loads the profiles' scripts, one after the other, so that no frame waits for it. That takes as long as the rest of a start,
/// and needs neither journal nor store: it goes on beside them.
/// </summary>
internal sealed class StartupScripts(ProfileCatalog profiles, ScriptCatalog scripts)
{
    private readonly Lazy<Task> _loaded = new(() => LoadAsync(profiles, scripts));

    /// <summary>Done when all are loaded, or cancelled when the catalog was let go of before. Who asks first begins it.</summary>
    public Task Loaded => _loaded.Value;

    private static async Task LoadAsync(ProfileCatalog profiles, ScriptCatalog scripts)
    {
        foreach (var script in profiles.Scripts)
        {
            await scripts.GetAsync(script, CancellationToken.None);
        }
    }
}
