using Gateway.Coap;

namespace Gateway.Bench;

/// <summary>A site that answers <c>POST /m</c> with an empty 2.04 at once: what is measured with it is the engine.</summary>
internal sealed class EchoSite : CoapResource, ICoapSite
{
    private static readonly HashSet<CoapCode> OnlyPost = [CoapCode.Post];
    private static readonly CoapResponse Changed = new(CoapCode.Changed);

    /// <inheritdoc/>
    public IEnumerable<ResourceLink> Links { get; } = [new("/m", [])];

    /// <inheritdoc/>
    public override IReadOnlySet<CoapCode> Methods => OnlyPost;

    /// <inheritdoc/>
    public CoapResource? Find(IReadOnlyList<string> path) => path is ["m"] ? this : null;

    /// <inheritdoc/>
    public override CoapResponse? AnswerAtOnce(RequestView request) => Changed;

    /// <inheritdoc/>
    public override ValueTask<CoapResponse> AnswerAsync(CoapRequest request, CancellationToken cancellation) => ValueTask.FromResult(Changed);
}
