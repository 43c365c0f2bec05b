using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Gateway.Scripting;

namespace Gateway.Tests.Scripting;

/// <summary>What the scripts' meter of one house has measured.</summary>
internal sealed class MeterReadings : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Name, double Value, KeyValuePair<string, object?>[] Tags)> _all = new();

    public MeterReadings(IMeterFactory meters)
    {
        var mine = meters.Create(ScriptMetrics.MeterName);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == mine)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => _all.Enqueue((instrument.Name, value, tags.ToArray())));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _all.Enqueue((instrument.Name, value, tags.ToArray())));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => _all.Enqueue((instrument.Name, value, tags.ToArray())));
        _listener.Start();
    }

    public int Count(string instrument) => _all.Count(reading => reading.Name == instrument);

    public double Sum(string instrument, string? tag = null, string? value = null)
    {
        _listener.RecordObservableInstruments();
        return _all.Where(reading => reading.Name == instrument && (tag is null || reading.Tags.Contains(new(tag, value)))).Sum(reading => reading.Value);
    }

    public void Dispose() => _listener.Dispose();
}
