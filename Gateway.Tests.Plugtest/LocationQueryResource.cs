using Gateway.Coap;

namespace Gateway.Tests.Plugtest;

/// <summary><c>/location-query</c>: what a POST makes is at <c>?first=1&amp;second=2</c>.</summary>
internal sealed class LocationQueryResource : CoapResource
{
    private static readonly CoapOption[] Location =
    [
        new(OptionNumber.LocationQuery, "first=1"u8.ToArray()), new(OptionNumber.LocationQuery, "second=2"u8.ToArray()),
    ];

    public override IReadOnlySet<CoapCode> Methods { get; } = new HashSet<CoapCode> { CoapCode.Post };

    public override ValueTask<CoapResponse> AnswerAsync(CoapRequest request, CancellationToken cancellation) =>
        ValueTask.FromResult(new CoapResponse(CoapCode.Created) { MoreOptions = Location });
}
