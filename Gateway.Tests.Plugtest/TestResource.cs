using System.Text;
using Gateway.Coap;

namespace Gateway.Tests.Plugtest;

/// <summary><c>/test</c>: serves the four methods, and says that a POST made something elsewhere. Nothing is kept.</summary>
/// <param name="created">Where.</param>
internal sealed class TestResource(string created) : CoapResource
{
    private readonly CoapOption[] _location =
    [
        .. from segment in created.Split('/', StringSplitOptions.RemoveEmptyEntries) select new CoapOption(OptionNumber.LocationPath, Encoding.UTF8.GetBytes(segment)),
    ];

    public override IReadOnlySet<CoapCode> Methods { get; } = new HashSet<CoapCode> { CoapCode.Get, CoapCode.Post, CoapCode.Put, CoapCode.Delete };

    public override ValueTask<CoapResponse> AnswerAsync(CoapRequest request, CancellationToken cancellation) => ValueTask.FromResult(Answer(request));

    private CoapResponse Answer(CoapRequest request)
    {
        if (request.Method == CoapCode.Post)
        {
            return new CoapResponse(CoapCode.Created) { MoreOptions = _location };
        }

        if (request.Method == CoapCode.Put)
        {
            return new CoapResponse(CoapCode.Changed);
        }

        return request.Method == CoapCode.Delete
            ? new CoapResponse(CoapCode.Deleted)
            : new CoapResponse(CoapCode.Content)
            {
                Payload = Encoding.UTF8.GetBytes($"{(request.Confirmable ? "CON" : "NON")} {request.Method} from {request.Peer}"),
                ContentFormat = ContentFormat.TextPlain,
            };
    }
}
