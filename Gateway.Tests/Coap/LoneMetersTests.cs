using System.Diagnostics.Metrics;
using Gateway.Coap;

namespace Gateway.Tests.Coap;

/// <summary>Meters that nobody collects are to cost nobody anything.</summary>
internal sealed class LoneMetersTests
{
    [Test]
    public void No_listener_hears_of_them_whether_it_was_there_before_or_comes_later()
    {
        using var before = new Ear();
        var meter = LoneMeters.Instance.Create("Gateway.Tests.Lone");
        var counter = meter.CreateCounter<long>("lone.counter");
        meter.CreateObservableCounter("lone.observable", () => 1L);
        using var after = new Ear();

        counter.Add(1);

        Assert.That((before.Heard, after.Heard, counter.Enabled), Is.EqualTo((0, 0, false)));
    }

    private sealed class Ear : IDisposable
    {
        private readonly MeterListener _listener;
        private int _heard;

        public Ear()
        {
            _listener = new MeterListener { InstrumentPublished = (instrument, _) => Interlocked.Add(ref _heard, instrument.Name.StartsWith("lone.", StringComparison.Ordinal) ? 1 : 0) };
            _listener.Start();
        }

        public int Heard => Volatile.Read(ref _heard);

        public void Dispose() => _listener.Dispose();
    }
}
