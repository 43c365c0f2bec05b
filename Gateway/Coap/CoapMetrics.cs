using System.Diagnostics.Metrics;

namespace Gateway.Coap;

/// <summary>What the engine counts, under the meter <c>Gateway.Coap</c>: the sums of its endpoints.</summary>
internal sealed class CoapMetrics
{
    public const string MeterName = "Gateway.Coap";

    // A request that is met with silence, such as a NON with an unknown critical option.
    private const string NoAnswer = "none";

    private readonly Meter _meter;
    private readonly Counter<long> _transfersDropped;
    private readonly Counter<long> _retransmissions;
    private readonly Counter<long> _givenUp;
    private readonly Counter<long> _challenges;
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly List<CoapCounters> _endpoints = [];

    public CoapMetrics(IMeterFactory factory)
    {
        var meter = _meter = factory.Create(MeterName);
        meter.CreateObservableCounter("gateway.coap.datagrams", () => Sum(endpoint => endpoint.Datagrams), "{datagram}", "Datagrams received");
        meter.CreateObservableCounter("gateway.coap.malformed", () => Sum(endpoint => endpoint.Malformed), "{datagram}", "Datagrams that were no CoAP message");
        meter.CreateObservableCounter("gateway.coap.dropped", Dropped, "{datagram}", "Datagrams and requests dropped without a word, by the reason");
        meter.CreateObservableCounter("gateway.coap.requests", Requests, "{request}", "Requests, without duplicates, by the code of the answer");
        meter.CreateObservableCounter("gateway.coap.duplicates", () => Sum(endpoint => endpoint.Duplicates), "{request}", "Requests that had come before");
        meter.CreateObservableCounter("gateway.coap.exchanges.evicted", Evicted, "{request}", "Requests forgotten before their time, for want of room in all or for one peer");
        _transfersDropped = meter.CreateCounter<long>(
            "gateway.coap.transfers.dropped", "{transfer}", "Blockwise transfers dropped before they were finished, by reason: restarted, expired, peer, all, bytes");
        _retransmissions = meter.CreateCounter<long>("gateway.coap.retransmissions", "{message}", "Messages of the gateway's own that were sent again");
        _givenUp = meter.CreateCounter<long>(
            "gateway.coap.given_up", "{message}", "Messages of the gateway's own that were never acknowledged, or found no room to wait for it");
        _challenges = meter.CreateCounter<long>(
            "gateway.coap.echo.challenges", "{request}", "Requests answered 4.01 with Echo, as their peers had not shown that they receive at their addresses");
        meter.CreateObservableUpDownCounter("gateway.coap.exchanges", () => Exchanges().Known, "{request}", "Requests by which duplicates are known");
        meter.CreateObservableUpDownCounter("gateway.coap.exchanges.in_work", () => Exchanges().InWork, "{request}", "Requests that are not answered yet");
        meter.CreateObservableUpDownCounter("gateway.coap.peers", () => Exchanges().Peers, "{peer}", "Peers whose requests are remembered");
    }

    /// <summary>Counters for one more endpoint.</summary>
    public CoapCounters NewCounters()
    {
        var counters = new CoapCounters();
        lock (_gate)
        {
            _endpoints.Add(counters);
        }

        return counters;
    }

    public void ObserveTransfers(Func<int> transfers) =>
        _meter.CreateObservableUpDownCounter("gateway.coap.transfers", transfers, "{transfer}", "Blockwise transfers that are kept");

    public void ObserveObservers(Func<int> observers) =>
        _meter.CreateObservableUpDownCounter("gateway.coap.observers", observers, "{observer}", "Observations of resources that are kept up to date");

    public void ObserveVerifiedPeers(Func<int> peers) =>
        _meter.CreateObservableUpDownCounter("gateway.coap.peers.verified", peers, "{peer}", "Peers that have shown that they receive at their addresses");

    public void TransferDropped(BlockDropReason reason) =>
        _transfersDropped.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString().ToLowerInvariant()));

    public void Retransmission() => _retransmissions.Add(1);

    public void Challenge() => _challenges.Add(1);

    public void GivenUp() => _givenUp.Add(1);

    private long Sum(Func<CoapCounters, long> count)
    {
        lock (_gate)
        {
            return _endpoints.Sum(count);
        }
    }

    private ExchangeCounts Exchanges()
    {
        lock (_gate)
        {
            return _endpoints.Aggregate(default(ExchangeCounts), (sum, endpoint) => sum + endpoint.Exchanges());
        }
    }

    private IEnumerable<Measurement<long>> Requests() =>
        from code in Enumerable.Range(0, 257).Select(value => value < 256 ? new CoapCode((byte)value) : (CoapCode?)null)
        let count = Sum(endpoint => endpoint.Requests(code))
        where count > 0
        select new Measurement<long>(count, new KeyValuePair<string, object?>("code", code?.ToString() ?? NoAnswer));

    private IEnumerable<Measurement<long>> Dropped() =>
        from reason in Enum.GetValues<DropReason>()
        select new Measurement<long>(Sum(endpoint => endpoint.Dropped(reason)), new KeyValuePair<string, object?>("reason", NameOf(reason)));

    private IEnumerable<Measurement<long>> Evicted()
    {
        var counts = Exchanges();
        return
        [
            new Measurement<long>(counts.Evicted, new KeyValuePair<string, object?>("bound", "all")),
            new Measurement<long>(counts.EvictedOfPeer, new KeyValuePair<string, object?>("bound", "peer")),
        ];
    }

    private static string NameOf(DropReason reason) => reason switch
    {
        DropReason.ForgedSource => "forged_source",
        DropReason.ToGroup => "to_group",
        DropReason.TooLarge => "too_large",
        DropReason.RateLimited => "rate_limited",
        _ => "stopping",
    };
}
