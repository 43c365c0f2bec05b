using System.Text;
using Gateway.Coap;

namespace Gateway.Tests.Plugtest;

/// <summary><c>/query</c>: each Uri-Query in a line of its own.</summary>
internal sealed class QueryResource : CoapResource
{
    public override IReadOnlySet<CoapCode> Methods { get; } = new HashSet<CoapCode> { CoapCode.Get };

    public override int? Produces => ContentFormat.TextPlain;

    public override ValueTask<CoapResponse> AnswerAsync(CoapRequest request, CancellationToken cancellation) =>
        ValueTask.FromResult(new CoapResponse(CoapCode.Content)
        {
            Payload = Encoding.UTF8.GetBytes(request.Query.Count == 0 ? "no query" : string.Join('\n', request.Query)),
            ContentFormat = ContentFormat.TextPlain,
        });
}
