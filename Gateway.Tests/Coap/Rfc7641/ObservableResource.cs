using Gateway.Coap;

namespace Gateway.Tests.Coap.Rfc7641;

/// <summary>A resource that can be observed, and does what the test says.</summary>
internal sealed class ObservableResource(Func<CoapRequest, ValueTask<CoapResponse>> answer) : CoapResource
{
    private static readonly HashSet<CoapCode> Reads = [CoapCode.Get, CoapCode.Fetch, CoapCode.Put];

    public ObservableResource(Func<CoapRequest, CoapResponse> answer)
        : this(request => ValueTask.FromResult(answer(request)))
    {
    }

    public override IReadOnlySet<CoapCode> Methods => Reads;

    public override bool Observable => true;

    public override ValueTask<CoapResponse> AnswerAsync(CoapRequest request, CancellationToken cancellation) => answer(request);
}
