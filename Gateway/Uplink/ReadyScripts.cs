using Gateway.Commands;
using Gateway.Devices;
using Gateway.Scripting;

namespace Gateway.Uplink;

/// <summary>
/// The scripts of the registry for a frame that waits: for a script that is still being built it waits a little, and then no longer.
/// The building goes on; whoever comes next finds it done.
/// </summary>
internal sealed class ReadyScripts(CommandRegistry registry, ScriptSettings settings, TimeProvider time)
{
    private volatile ScriptSettings _settings = settings;

    /// <summary>From now on this is how long a frame waits.</summary>
    public void Use(ScriptSettings settings) => _settings = settings;

    /// <summary>The registration of a device that has just been let in.</summary>
    /// <exception cref="ScriptNotReadyException">Its script is still being built.</exception>
    public ValueTask<Lookup> OfDeviceAsync(Device device, CancellationToken cancellation) => WithinAsync(registry.FindAsync(device, cancellation), cancellation);

    /// <summary>The script of a profile.</summary>
    /// <exception cref="ScriptNotReadyException">It is still being built.</exception>
    public ValueTask<CatalogScript> OfProfileAsync(string profile, CancellationToken cancellation) =>
        WithinAsync(registry.ProfileScriptAsync(profile, cancellation), cancellation);

    /// <summary>What serves a route that asks nobody who they are.</summary>
    /// <exception cref="ScriptNotReadyException">Its script is still being built.</exception>
    public ValueTask<Registration> OfAnybodyAsync(string profile, CancellationToken cancellation) =>
        WithinAsync(registry.AnonymousAsync(profile, cancellation), cancellation);

    private ValueTask<T> WithinAsync<T>(ValueTask<T> found, CancellationToken cancellation) =>
        found.IsCompletedSuccessfully ? found : new ValueTask<T>(WaitAsync(found.AsTask(), cancellation));

    private async Task<T> WaitAsync<T>(Task<T> found, CancellationToken cancellation)
    {
        try
        {
            return await found.WaitAsync(TimeSpan.FromSeconds(_settings.ReadyTimeoutSeconds), time, cancellation);
        }
        catch (TimeoutException)
        {
            throw new ScriptNotReadyException();
        }
    }
}

/// <summary>Thrown when a frame's script is still being built.</summary>
internal sealed class ScriptNotReadyException() : Exception("the device's script is not ready yet; send the frame again");
