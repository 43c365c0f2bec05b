using System.Diagnostics.Metrics;
using System.Text.Json;

namespace Gateway.Coap.Dtls;

/// <summary>What DTLS counts, under the engine's meter.</summary>
internal sealed class DtlsMetrics
{
    private static readonly string[] DropNames = [.. Enum.GetNames<DtlsDrop>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    private readonly Meter _meter;
    private readonly Counter<long> _handshakes;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _moves;
    private readonly Counter<long> _restored;
    private readonly Counter<long> _alerts;
    private readonly long[] _dropped = new long[DropNames.Length];

    public DtlsMetrics(IMeterFactory factory)
    {
        var meter = _meter = factory.Create(CoapMetrics.MeterName);
        _handshakes = meter.CreateCounter<long>("gateway.coap.dtls.handshakes", "{handshake}", "Handshakes that ended, by outcome");
        _duration = meter.CreateHistogram<double>("gateway.coap.dtls.handshake.duration", "s", "How long completed handshakes took, from the ClientHello with its cookie on");
        _moves = meter.CreateCounter<long>("gateway.coap.dtls.moves", "{move}", "Sessions that were found again by their Connection ID at another address");
        _restored = meter.CreateCounter<long>("gateway.coap.dtls.sessions.restored", "{session}", "Sessions that were taken up again after a restart, without a handshake");
        _alerts = meter.CreateCounter<long>("gateway.coap.dtls.alerts", "{alert}", "Alerts in sessions, by direction and name");
        meter.CreateObservableCounter("gateway.coap.dtls.dropped", Dropped, "{record}", "Datagrams and records dropped without a word, by the reason");
    }

    public void Observe(AssociationTable associations, Func<int> handshakes)
    {
        _meter.CreateObservableUpDownCounter("gateway.coap.dtls.sessions", () => associations.Count, "{session}", "Sessions that are kept");
        _meter.CreateObservableCounter("gateway.coap.dtls.sessions.evicted", () => associations.Evicted, "{session}", "Sessions that were forgotten for want of room");
        _meter.CreateObservableUpDownCounter("gateway.coap.dtls.handshakes.open", handshakes, "{handshake}", "Handshakes that are under way");
    }

    public void Ended(HandshakeOutcome outcome, TimeSpan duration)
    {
        _handshakes.Add(1, new KeyValuePair<string, object?>("outcome", JsonNamingPolicy.SnakeCaseLower.ConvertName(outcome.ToString())));
        if (outcome == HandshakeOutcome.Completed)
        {
            _duration.Record(duration.TotalSeconds);
        }
    }

    public void Moved() => _moves.Add(1);

    public void Restored(int sessions) => _restored.Add(sessions);

    public void Alert(string direction, string name) =>
        _alerts.Add(1, new KeyValuePair<string, object?>("direction", direction), new KeyValuePair<string, object?>("alert", name));

    public void Drop(DtlsDrop reason) => Interlocked.Increment(ref _dropped[(int)reason]);

    public long CountOf(DtlsDrop reason) => Interlocked.Read(ref _dropped[(int)reason]);

    private IEnumerable<Measurement<long>> Dropped() =>
        Enumerable.Range(0, DropNames.Length).Select(reason =>
            new Measurement<long>(CountOf((DtlsDrop)reason), new KeyValuePair<string, object?>("reason", DropNames[reason])));
}
