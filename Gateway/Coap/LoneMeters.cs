using System.Diagnostics.Metrics;

namespace Gateway.Coap;

/// <summary>Meters for where nobody collects them: a client that runs for one request.</summary>
internal sealed class LoneMeters : IMeterFactory
{
    private readonly List<Meter> _meters = [];

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose() => _meters.ForEach(meter => meter.Dispose());
}
