using System.Collections.Concurrent;
using Gateway.Coap;
using Gateway.Devices;
using Gateway.Scripting.Contract;

namespace Gateway.Commands;

/// <summary>The devices that can be reached without waiting for their next message, and those that are left in peace for a while.</summary>
internal sealed class CommandListeners(DeviceAddresses addresses)
{
    // The first pause after a request that failed, doubled with each further one.
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    // A device is here while it observes.
    private readonly ConcurrentDictionary<DeviceId, Listener> _observers = new();

    // A device is here after a failure, until a push succeeds or nothing waits for it any more.
    private readonly ConcurrentDictionary<DeviceId, Pause> _pauses = new();

    /// <summary>How many devices observe their commands.</summary>
    public int Observing => _observers.Count;

    public Listener? ObserverOf(DeviceId device) => _observers.GetValueOrDefault(device);

    public PeerLink? AddressOf(DeviceId device) => addresses.Find(device);

    /// <summary>A device observes from now on. It has one observation: an older one is dismissed.</summary>
    public void Add(DeviceId device, Observer observer, UplinkRequest request)
    {
        var listener = new Listener(observer, request);
        Listener? before = null;
        _observers.AddOrUpdate(device, listener, (_, older) =>
        {
            before = older;
            return listener;
        });
        observer.Left = () => _observers.TryRemove(KeyValuePair.Create(device, listener));
        before?.Observer.Dismiss();
        if (!observer.IsListed)
        {
            _observers.TryRemove(KeyValuePair.Create(device, listener));
        }
    }

    /// <summary>When the device is to get a notification or a request again; null for at once.</summary>
    public DateTimeOffset? PausedUntil(DeviceId device, bool isRequest, DateTimeOffset now) =>
        _pauses.TryGetValue(device, out var pause) && pause.IsRequest == isRequest && pause.Until > now ? pause.Until : null;

    /// <summary>A push failed: the device is left in peace until the instant that is returned.</summary>
    public DateTimeOffset PauseAfter(Push push, PushEnd end, DateTimeOffset now)
    {
        var device = push.Device;
        var failures = _pauses.TryGetValue(device, out var before) ? before.Failures : 0;
        var doubled = FirstPause * Math.Pow(2, Math.Min(failures, 10));
        var pause = end.RetryAfter is { } asked && asked > doubled ? asked : doubled;
        var until = now + (pause < LongestPause ? pause : LongestPause);
        _pauses[device] = new Pause(until, failures + 1, push.Request is not null, end.IsSilence);
        return until;
    }

    /// <summary>It has answered, or there is nothing more for it.</summary>
    public void EndPause(DeviceId device) => _pauses.TryRemove(device, out _);

    /// <summary>The device has spoken: who did not answer may do so now.</summary>
    public void Heard(DeviceId device)
    {
        if (_pauses.TryGetValue(device, out var pause) && pause.IsSilence)
        {
            _pauses.TryUpdate(device, pause with { Until = default }, pause);
        }
    }

    private readonly record struct Pause(DateTimeOffset Until, int Failures, bool IsRequest, bool IsSilence);
}

/// <summary>A device that observes its commands.</summary>
/// <param name="Observer">Through what it is told.</param>
/// <param name="Request">The request with which it began, which the notifications answer.</param>
internal sealed record Listener(Observer Observer, UplinkRequest Request);
