using System.Collections.Concurrent;

namespace Gateway.Scripting;

/// <summary>
/// Keeps a version from being called again and again for a device on whose frames it has to be stopped each time: that costs the time limit
/// of a processor each. After some stops in a row it is not called for this device for a while, and then once more for trial.
/// What a script merely fails on, or calls invalid, opens nothing.
/// </summary>
internal sealed class DeviceBreakers(TimeProvider time)
{
    /// <summary>Stops in a row that open a device's breaker.</summary>
    public const int Stops = 5;

    // So many are the fault of the version and no longer of a device's frames, which is another rule's business.
    private const int MostDevices = 10_000;

    /// <summary>For how long it stays open.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Breaker> _breakers = new(StringComparer.Ordinal);

    // Whether any device has one, for the great majority of frames.
    private volatile bool _any;

    /// <summary>The devices that the version is not called for.</summary>
    public IReadOnlyList<string> Open
    {
        get
        {
            var now = time.GetUtcNow();
            return [.. _breakers.Where(breaker => breaker.Value.OpenUntil > now).Select(breaker => breaker.Key).Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Until when the version is not to be called for a device; null when it may be. After the pause one caller gets through.</summary>
    public DateTimeOffset? OpenUntil(string device)
    {
        if (!_any || !_breakers.TryGetValue(device, out var breaker) || breaker.Stops < Stops)
        {
            return null;
        }

        var now = time.GetUtcNow();
        if (breaker.OpenUntil > now)
        {
            return breaker.OpenUntil;
        }

        // Whoever closes the door behind itself is the one.
        return _breakers.TryUpdate(device, breaker with { OpenUntil = now + Pause }, breaker) ? null : now + Pause;
    }

    /// <summary>The version was stopped on a device's frame.</summary>
    public void Stopped(string device)
    {
        if (_breakers.Count >= MostDevices && !_breakers.ContainsKey(device))
        {
            return;
        }

        _any = true;
        _breakers.AddOrUpdate(
            device,
            static (_, _) => new Breaker(1, default),
            static (_, breaker, until) => new Breaker(breaker.Stops + 1, breaker.Stops + 1 >= Stops ? until : default),
            time.GetUtcNow() + Pause);
    }

    /// <summary>The version came to its end on a device's frame, whatever it made of it.</summary>
    public void Finished(string device)
    {
        if (_any && _breakers.TryRemove(device, out _) && _breakers.IsEmpty)
        {
            _any = false;
        }
    }

    private sealed record Breaker(int Stops, DateTimeOffset OpenUntil);
}
