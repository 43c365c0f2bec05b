using Gateway.Coap;

namespace Gateway.Tests.Coap;

/// <summary>A resource that does what the test says.</summary>
internal sealed class TestResource(Func<CoapRequest, CancellationToken, ValueTask<CoapResponse>> answer) : CoapResource
{
    public TestResource(Func<CoapRequest, CoapResponse> answer)
        : this((request, _) => ValueTask.FromResult(answer(request)))
    {
    }

    public IReadOnlySet<CoapCode> Takes { get; init; } = new HashSet<CoapCode> { CoapCode.Get, CoapCode.Post, CoapCode.Put };

    public IReadOnlySet<int> TakesFormats { get; init; } = new HashSet<int>();

    public IReadOnlySet<int> Understands { get; init; } = new HashSet<int>();

    public int? Gives { get; init; }

    public override IReadOnlySet<CoapCode> Methods => Takes;

    public override IReadOnlySet<int> ContentFormats => TakesFormats;

    public override IReadOnlySet<int> KnownOptions => Understands;

    public override int? Produces => Gives;

    public override ValueTask<CoapResponse> AnswerAsync(CoapRequest request, CancellationToken cancellation) => answer(request, cancellation);
}
