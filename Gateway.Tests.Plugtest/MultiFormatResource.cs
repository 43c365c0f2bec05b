using Gateway.Coap;

namespace Gateway.Tests.Plugtest;

/// <summary><c>/multi-format</c>: the same as text and as XML, as the client accepts it.</summary>
internal sealed class MultiFormatResource : CoapResource
{
    private const int Xml = 41;

    public static readonly int[] Formats = [ContentFormat.TextPlain, Xml];

    public override IReadOnlySet<CoapCode> Methods { get; } = new HashSet<CoapCode> { CoapCode.Get };

    public override ValueTask<CoapResponse> AnswerAsync(CoapRequest request, CancellationToken cancellation) => ValueTask.FromResult(request.Accept switch
    {
        null or ContentFormat.TextPlain => Content("22.3 C"u8, ContentFormat.TextPlain),
        Xml => Content("<temperature unit=\"Cel\">22.3</temperature>"u8, Xml),
        { } other => CoapResponse.Error(CoapCode.NotAcceptable, $"there is no Content-Format {other} of it, only {string.Join(" and ", Formats)}"),
    });

    private static CoapResponse Content(ReadOnlySpan<byte> payload, int format) =>
        new(CoapCode.Content) { Payload = payload.ToArray(), ContentFormat = format };
}
