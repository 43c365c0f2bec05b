using Gateway.Coap;

namespace Gateway.Tests.Plugtest;

/// <summary><c>/large-post</c>: a POST of whatever length is answered at length.</summary>
internal sealed class LargePostResource(byte[] answer) : CoapResource
{
    public override IReadOnlySet<CoapCode> Methods { get; } = new HashSet<CoapCode> { CoapCode.Post };

    public override ValueTask<CoapResponse> AnswerAsync(CoapRequest request, CancellationToken cancellation) =>
        ValueTask.FromResult(new CoapResponse(CoapCode.Changed) { Payload = answer, ContentFormat = ContentFormat.TextPlain });
}
