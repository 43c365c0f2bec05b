using System.Diagnostics.Metrics;

namespace Gateway.Coap;

/// <summary>What the engine counts, under the meter <c>Gateway.Coap</c>.</summary>
internal sealed class CoapMetrics
{
    public const string MeterName = "Gateway.Coap";

    // A request that is met with silence, such as a NON with an unknown critical option.
    private const string NoAnswer = "none";

    // One text for each code that there can be, so that counting makes none.
    private static readonly string[] Codes = [.. Enumerable.Range(0, 256).Select(code => new CoapCode((byte)code).ToString())];

    private readonly Meter _meter;
    private readonly Counter<long> _datagrams;
    private readonly Counter<long> _malformed;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _retransmissions;
    private readonly Counter<long> _givenUp;
    private readonly Counter<long> _transfersDropped;

    public CoapMetrics(IMeterFactory factory)
    {
        var meter = _meter = factory.Create(MeterName);
        _datagrams = meter.CreateCounter<long>("gateway.coap.datagrams", "{datagram}", "Datagrams received");
        _malformed = meter.CreateCounter<long>("gateway.coap.malformed", "{datagram}", "Datagrams that were no CoAP message");
        _requests = meter.CreateCounter<long>("gateway.coap.requests", "{request}", "Requests, without duplicates, by the code of the answer");
        _duplicates = meter.CreateCounter<long>("gateway.coap.duplicates", "{request}", "Requests that had come before");
        _retransmissions = meter.CreateCounter<long>("gateway.coap.retransmissions", "{message}", "Messages of the gateway's own that were sent again");
        _givenUp = meter.CreateCounter<long>(
            "gateway.coap.given_up", "{message}", "Messages of the gateway's own that were never acknowledged, or found no room to wait for it");
        _transfersDropped = meter.CreateCounter<long>(
            "gateway.coap.transfers.dropped", "{transfer}", "Blockwise transfers dropped before they were finished, by reason: restarted, expired, peer, all, bytes");
    }

    public void Datagram() => _datagrams.Add(1);

    public void Malformed() => _malformed.Add(1);

    public void Duplicate() => _duplicates.Add(1);

    public void Retransmission() => _retransmissions.Add(1);

    public void GivenUp() => _givenUp.Add(1);

    public void ObserveTransfers(Func<int> transfers) =>
        _meter.CreateObservableGauge("gateway.coap.transfers", transfers, "{transfer}", "Blockwise transfers that are kept");

    public void TransferDropped(BlockDropReason reason) =>
        _transfersDropped.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString().ToLowerInvariant()));

    /// <param name="answer">The answer's code, or null when the request was met with silence.</param>
    public void Request(CoapCode? answer) =>
        _requests.Add(1, new KeyValuePair<string, object?>("code", answer is { } code ? Codes[code.Value] : NoAnswer));
}
