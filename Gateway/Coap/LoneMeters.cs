using System.Diagnostics.Metrics;

namespace Gateway.Coap;

/// <summary>
/// Meters for where nobody collects them: a client that runs for one request. Each is ended before it has instruments, which therefore count for
/// nobody and are kept by nobody. A meter that is forgotten instead stays for good, and each listener that starts looks through all of its instruments.
/// </summary>
internal sealed class LoneMeters : IMeterFactory
{
    public static readonly LoneMeters Instance = new();

    private LoneMeters()
    {
    }

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options);
        meter.Dispose();
        return meter;
    }

    public void Dispose()
    {
    }
}
