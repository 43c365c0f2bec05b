namespace Gateway.Coap;

/// <summary>What a client does after an answer; exactly one of the three is there.</summary>
/// <param name="Next">To be sent next, under a message ID and a token of the client's choice.</param>
/// <param name="Answer">The end: the answer with its whole body, or an error of the server.</param>
/// <param name="Error">The end: the transfer can't go on.</param>
internal readonly record struct BlockwiseStep(CoapMessage? Next, CoapMessage? Answer, BlockwiseError Error)
{
    public static BlockwiseStep Send(CoapMessage next) => new(next, null, BlockwiseError.None);

    public static BlockwiseStep End(CoapMessage answer) => new(null, answer, BlockwiseError.None);

    public static BlockwiseStep Fail(BlockwiseError error) => new(null, null, error);
}
