using System.Collections.Concurrent;
using Gateway.Devices;
using Gateway.Scripting;
using Gateway.Scripting.Contract;
using Microsoft.Extensions.Caching.Memory;

namespace Gateway.Commands;

/// <summary>
/// Which script speaks for a device. A registration is used for the time to live of gateway.json's <c>scripts.cache_ttl_seconds</c>, then looked
/// up again; while that fails the old one serves. A device is registered with its first frame, in bulk at start, over the management API,
/// or when a command for it must be formatted.
/// </summary>
internal sealed class CommandRegistry : IDisposable
{
    private readonly DeviceDirectory _devices;
    private readonly ProfileCatalog _profiles;
    private readonly ScriptCatalog _scripts;
    private readonly TimeProvider _time;
    private readonly CommandMetrics _metrics;
    private readonly CommandScripts _commandScripts;
    private readonly ILogger<CommandRegistry> _log;
    private readonly MemoryCache _cache;
    private volatile ScriptSettings _settings;

    // Single flight: whoever comes while a device is being looked up waits for the same answer.
    private readonly ConcurrentDictionary<DeviceId, Lazy<Task<Lookup>>> _underWay = new();

    public CommandRegistry(
        DeviceDirectory devices,
        ProfileCatalog profiles,
        ScriptCatalog scripts,
        ScriptSettings scriptSettings,
        DeviceSettings deviceSettings,
        TimeProvider time,
        CommandMetrics metrics,
        CommandScripts commandScripts,
        ILogger<CommandRegistry> log)
    {
        (_devices, _profiles, _scripts, _time, _metrics, _commandScripts, _log) = (devices, profiles, scripts, time, metrics, commandScripts, log);
        _settings = scriptSettings;
        _cache = new MemoryCache(new MemoryCacheOptions { SizeLimit = deviceSettings.CacheSize });
        devices.Changed += Forget;
    }

    /// <summary>From now on this is the time to live.</summary>
    public void Use(ScriptSettings settings) => _settings = settings;

    /// <summary>Whether the device has a registration whose time to live has not run out.</summary>
    public bool IsRegistered(DeviceId device) => Known(device) is { } entry && IsFresh(entry);

    /// <summary>Registers a device, or renews its registration, and makes sure that its script is loaded.</summary>
    public async ValueTask<Lookup> RegisterDeviceAsync(Device device, CancellationToken cancellation)
    {
        var edition = _profiles.Edition;
        if (_profiles.Resolve(device, out var problem) is not { } config)
        {
            return Lookup.Failed(problem!);
        }

        var script = await _scripts.GetAsync(config.ParserScriptRef, cancellation);
        return script.Current is null
            ? Lookup.Failed($"script {config.ParserScriptRef} has no working version: {string.Join("; ", script.Problems)}")
            : Remember(device.Id, new Registration(config, script), edition);
    }

    /// <summary>Registers many devices; each script is compiled once, however many devices it serves.</summary>
    public async Task RegisterDevicesAsync(IEnumerable<Device> devices, CancellationToken cancellation)
    {
        foreach (var device in devices)
        {
            if ((await RegisterDeviceAsync(device, cancellation)).Problem is { } problem)
            {
                _log.RefreshFailed(device.Id, problem);
            }
        }
    }

    /// <summary>The registration of a device that has just been let in.</summary>
    public ValueTask<Lookup> FindAsync(Device device, CancellationToken cancellation)
    {
        var entry = Known(device.Id);
        if (entry is not null && IsFresh(entry))
        {
            _metrics.Hit();
            return ValueTask.FromResult(new Lookup(entry.Registration, null));
        }

        _metrics.LookedUp(entry is null ? "miss" : "expired");
        return new ValueTask<Lookup>(RenewOnceAsync(device, entry, cancellation));
    }

    /// <summary>The script of a profile, which identifies devices and answers those that nobody asks who they are.</summary>
    /// <exception cref="ProfileGoneException">There is no such profile any more.</exception>
    public ValueTask<CatalogScript> ProfileScriptAsync(string profile, CancellationToken cancellation) =>
        _scripts.GetAsync((_profiles.Find(profile) ?? throw new ProfileGoneException(profile)).Script, cancellation);

    /// <summary>What serves a route that asks nobody who they are.</summary>
    /// <exception cref="ProfileGoneException">There is no such profile any more.</exception>
    public async ValueTask<Registration> AnonymousAsync(string profile, CancellationToken cancellation) =>
        new(_profiles.Anonymous(profile) ?? throw new ProfileGoneException(profile), await ProfileScriptAsync(profile, cancellation));

    /// <summary>
    /// Encodes a command by its device's script, or by the one that it names itself. <paramref name="request"/> is the one being answered,
    /// or null when the command is only tried.
    /// </summary>
    public async ValueTask<FormatResult> FormatCommandAsync(Command command, Device device, UplinkRequest? request, CancellationToken cancellation)
    {
        var found = await FindAsync(device, cancellation);
        if (found.Registration is not { } registration)
        {
            return FormatResult.Failed(found.Problem!);
        }

        return await _commandScripts.FormatAsync(command, registration, request, cancellation);
    }

    /// <summary>Tries a command dry, as it is queued: what is against it, or null.</summary>
    public async ValueTask<CommandProblem?> TryCommandAsync(Command command, Device device, CommandConfirm confirm, CancellationToken cancellation)
    {
        var tried = await FormatCommandAsync(command, device, request: null, cancellation);
        if (tried.Bytes is null)
        {
            return new CommandProblem("payload", tried.Problem!, tried.IsOfScript);
        }

        if (confirm is not CommandConfirm.Script || (await FindAsync(device, cancellation)).Registration is not { } registration)
        {
            return null;
        }

        var script = await _commandScripts.OfAsync(command.ParserScriptRef, registration, cancellation);
        return script.Current is { CanConfirm: false }
            ? new CommandProblem("confirm", $"{script.Ref} has no confirm function, so there will never be evidence: take \"next_message\" or \"sent\"")
            : null;
    }

    public void Dispose()
    {
        _devices.Changed -= Forget;
        _cache.Dispose();
    }

    private async Task<Lookup> RenewOnceAsync(Device device, Entry? old, CancellationToken cancellation)
    {
        // The work goes on when this caller gives up: others wait for it.
        var flight = _underWay.GetOrAdd(device.Id, _ => new Lazy<Task<Lookup>>(() => RenewAsync(device, old)));
        try
        {
            return await flight.Value.WaitAsync(cancellation);
        }
        finally
        {
            _underWay.TryRemove(KeyValuePair.Create(device.Id, flight));
        }
    }

    private async Task<Lookup> RenewAsync(Device device, Entry? old)
    {
        if (old is not null)
        {
            await _scripts.RefreshAsync(old.Registration.Config.ParserScriptRef, CancellationToken.None);
        }

        var renewed = await RegisterDeviceAsync(device, CancellationToken.None);
        if (renewed.Registration is not null || old is null)
        {
            return renewed;
        }

        _metrics.LookedUp("stale");
        _log.RefreshFailed(device.Id, renewed.Problem!);
        return Remember(device.Id, old.Registration, old.Profiles);
    }

    private Lookup Remember(DeviceId device, Registration registration, object profiles)
    {
        _cache.Set(device, new Entry(registration, profiles, _time.GetTimestamp()), new MemoryCacheEntryOptions { Size = 1 });
        return new Lookup(registration, null);
    }

    // What was made of other profiles is not even there while its renewal fails: the admin has said that things are different now.
    private Entry? Known(DeviceId device) => _cache.TryGetValue(device, out Entry? entry) && ReferenceEquals(entry!.Profiles, _profiles.Edition) ? entry : null;

    // The cache bounds how many are kept; the time to live is ours, for an entry that has outlived it still serves while its renewal fails.
    private bool IsFresh(Entry entry) => _time.GetElapsedTime(entry.RegisteredAt).TotalSeconds < _settings.CacheTtlSeconds;

    private void Forget(DeviceId device) => _cache.Remove(device);

    private sealed record Entry(Registration Registration, object Profiles, long RegisteredAt);
}

/// <summary>Thrown when a request came on a route whose profile has been taken out of gateway.json meanwhile.</summary>
internal sealed class ProfileGoneException(string profile) : Exception($"gateway.json has no profile \"{profile}\" any more");

/// <summary>A registration, or why there is none.</summary>
internal readonly record struct Lookup(Registration? Registration, string? Problem)
{
    public static Lookup Failed(string problem) => new(null, problem);
}

/// <summary>A command's bytes, or why it has none.</summary>
internal readonly record struct FormatResult(byte[]? Bytes, string? Problem)
{
    /// <summary>Whether it has none because its script has no working version.</summary>
    public bool IsOfScript { get; init; }

    public static FormatResult Of(byte[] bytes) => new(bytes, null);

    public static FormatResult Failed(string problem) => new(null, problem);
}
