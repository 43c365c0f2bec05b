using System.Collections.Immutable;
using Gateway.Coap;

namespace Gateway.Devices;

/// <summary>
/// The devices whose messages are logged with their bytes, both ways, each for a time that somebody has asked for: so one can see what a device
/// really says without a log of all the others. Bounded in devices and time, and forgotten at a restart. While there are none, a message costs
/// one look at a field.
/// </summary>
internal sealed class DeviceTraces(TimeProvider time, ILoggerFactory loggers) : IDisposable
{
    /// <summary>The category that they are logged as; it is logged whatever the level.</summary>
    public const string Category = "Gateway.Trace";

    /// <summary>How many devices may be traced at a time.</summary>
    public const int Most = 100;

    /// <summary>How long one may be traced, unless somebody asks again.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly ILogger _log = loggers.CreateLogger(Category);
    private readonly Lock _gate = new();

    // Replaced under the gate, read without it.
    private volatile ImmutableDictionary<DeviceId, Trace> _traces = ImmutableDictionary<DeviceId, Trace>.Empty;

    /// <summary>Traces a device from now on; one that is traced already until the new time.</summary>
    /// <param name="device">The device; it need not be registered.</param>
    /// <param name="howLong">More than zero and at most <see cref="Longest"/>.</param>
    /// <returns>When it ends by itself; null when <see cref="Most"/> others are traced.</returns>
    public DateTimeOffset? Start(DeviceId device, TimeSpan howLong)
    {
        var trace = new Trace(time.GetUtcNow() + howLong);
        lock (_gate)
        {
            var before = _traces.GetValueOrDefault(device);
            if (before is null && _traces.Count >= Most)
            {
                return null;
            }

            before?.End?.Dispose();
            _traces = _traces.SetItem(device, trace);
            trace.End = time.CreateTimer(_ => Remove(device, trace), null, howLong, Timeout.InfiniteTimeSpan);
        }

        _log.TraceStarted(device, trace.Until);
        return trace.Until;
    }

    /// <summary>Until when a device is traced; null when it is not.</summary>
    public DateTimeOffset? Until(DeviceId device) => _traces.GetValueOrDefault(device)?.Until;

    /// <summary>Traces a device no longer.</summary>
    /// <returns>Whether it was traced.</returns>
    public bool Stop(DeviceId device) => _traces.GetValueOrDefault(device) is { } trace && Remove(device, trace);

    /// <summary>A device has said something and is answered.</summary>
    public void Exchanged(DeviceId device, string requestId, CoapRequest request, CoapResponse answer)
    {
        if (!Covers(device))
        {
            return;
        }

        var path = string.Join('/', request.Path);
        _log.TraceSays(requestId, device, request.Confirmable ? "CON" : "NON", request.Method, path, request.Peer, request.Payload.Length, Convert.ToHexStringLower(request.Payload.Span));
        _log.TraceAnswer(requestId, device, answer.Code, answer.Payload.Length, Convert.ToHexStringLower(answer.Payload.Span));
    }

    /// <summary>A message of the gateway's own goes out to a device.</summary>
    public void Pushed(DeviceId device, string kind, ReadOnlyMemory<byte> payload)
    {
        if (Covers(device))
        {
            _log.TracePush(device, kind, payload.Length, Convert.ToHexStringLower(payload.Span));
        }
    }

    /// <summary>It is known what became of a message of the gateway's own.</summary>
    public void PushEnded(DeviceId device, string kind, Enum outcome, ReadOnlyMemory<byte> answer)
    {
        if (Covers(device))
        {
            _log.TracePushEnd(device, kind, outcome, answer.Length, Convert.ToHexStringLower(answer.Span));
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var trace in _traces.Values)
            {
                trace.End?.Dispose();
            }

            _traces = ImmutableDictionary<DeviceId, Trace>.Empty;
        }
    }

    private bool Covers(DeviceId device) => _traces is { IsEmpty: false } traces && traces.ContainsKey(device);

    private bool Remove(DeviceId device, Trace trace)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_traces.GetValueOrDefault(device), trace))
            {
                return false;
            }

            trace.End?.Dispose();
            _traces = _traces.Remove(device);
        }

        _log.TraceEnded(device);
        return true;
    }

    private sealed class Trace(DateTimeOffset until)
    {
        public DateTimeOffset Until { get; } = until;

        /// <summary>Set under the gate.</summary>
        public ITimer? End { get; set; }
    }
}
