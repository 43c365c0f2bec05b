using System.Collections.Concurrent;
using System.Diagnostics;
using Gateway.Journal;

namespace Gateway.Tests.Journal;

/// <summary>Which exchanges have spans, and how those belong together.</summary>
internal sealed class ExchangeTracesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly ConcurrentQueue<Activity> _ended = new();
    private ActivityListener _listener = null!;

    [SetUp]
    public void Listen()
    {
        _ended.Clear();
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ExchangeTraces.SourceName,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    [TearDown]
    public void Leave() => _listener.Dispose();

    [Test]
    public void Steps_and_deliveries_belong_to_the_exchange_that_brought_the_record()
    {
        var traces = new ExchangeTraces(1, new Random(1));
        ActivityTraceId trace;
        using (var exchange = traces.Begin(Noon))
        {
            trace = exchange!.TraceId;
            ExchangeTraces.Step(exchange, "parse")!.Dispose();
            traces.Kept(exchange, 7);
        }

        traces.Delivered("file", [6, 7, 7, 8], Noon, problem: null);
        traces.Delivered("web", [7], Noon, "it is down");

        Assert.That(_ended.Select(span => span.OperationName), Is.EqualTo(["parse", "exchange", "deliver", "deliver"]));
        Assert.That(_ended.Select(span => span.TraceId), Is.All.EqualTo(trace));
        Assert.That(_ended.ElementAt(1).StartTimeUtc, Is.EqualTo(Noon.UtcDateTime));
        Assert.That(_ended.Skip(2).Select(span => (span.GetTagItem("gateway.sink"), span.Status, span.StatusDescription)), Is.EqualTo(new (object?, ActivityStatusCode, string?)[]
        {
            ("file", ActivityStatusCode.Unset, null), ("web", ActivityStatusCode.Error, "it is down"),
        }));
    }

    [Test]
    public void A_sink_that_was_faster_than_the_exchange_is_in_its_trace_all_the_same()
    {
        var traces = new ExchangeTraces(1, new Random(1));
        traces.Delivered("file", [6, 7], Noon, problem: null);
        traces.Delivered("web", [8], Noon, problem: null);
        using var exchange = traces.Begin(Noon);

        traces.Kept(exchange, 7);

        Assert.That(_ended.Select(span => (span.TraceId, span.GetTagItem("gateway.sink"))), Is.EqualTo(new (ActivityTraceId, object?)[] { (exchange!.TraceId, "file") }));
    }

    [Test]
    public void So_many_exchanges_are_traced_as_the_ratio_says()
    {
        var traces = new ExchangeTraces(0.1, new Random(1));
        var traced = 0;
        for (var i = 0; i < 10_000; i++)
        {
            using var exchange = traces.Begin(Noon);
            traced += exchange is null ? 0 : 1;
        }

        Assert.That(traced, Is.InRange(900, 1100));
        Assert.That(ExchangeTraces.Off.Begin(Noon), Is.Null);
        Assert.That(ExchangeTraces.Step(null, "parse"), Is.Null);
    }

    [Test]
    public void The_oldest_record_is_forgotten_when_the_sinks_are_far_behind()
    {
        var traces = new ExchangeTraces(1, new Random(1));
        for (var sequence = 1; sequence <= 5000; sequence++)
        {
            using var exchange = traces.Begin(Noon);
            traces.Kept(exchange, sequence);
        }

        _ended.Clear();
        traces.Delivered("file", [1, 904, 905, 5000], Noon, problem: null);

        Assert.That(_ended, Has.Count.EqualTo(2));
    }
}
