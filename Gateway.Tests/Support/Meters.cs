using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Gateway.Tests.Support;

/// <summary>A meter factory that keeps count of what its meters tell.</summary>
internal sealed class Meters : IMeterFactory
{
    private readonly ConcurrentBag<Meter> _meters = [];
    private readonly ConcurrentDictionary<string, double> _sums = new();
    private readonly ConcurrentDictionary<string, int> _counts = new();
    private readonly MeterListener _listener;

    public Meters()
    {
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == this)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Count(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Count(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Count(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>How often an instrument has measured.</summary>
    public int Count(string instrument) => _counts.GetValueOrDefault(instrument);

    /// <summary>The sum of a counter, or the last value of a gauge; one of its tags' values, if it has any, after a slash.</summary>
    public double this[string instrument]
    {
        get
        {
            _listener.RecordObservableInstruments();
            return _sums.GetValueOrDefault(instrument);
        }
    }

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var meter in _meters)
        {
            meter.Dispose();
        }
    }

    private void Count(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        _counts.AddOrUpdate(instrument.Name, 1, (_, count) => count + 1);
        if (tags.IsEmpty)
        {
            Add(instrument, instrument.Name, value);
        }

        foreach (var tag in tags)
        {
            Add(instrument, $"{instrument.Name}/{tag.Value}", value);
        }
    }

    private void Add(Instrument instrument, string name, double value) =>
        _sums.AddOrUpdate(name, value, (_, sum) => instrument.IsObservable ? value : sum + value);
}
