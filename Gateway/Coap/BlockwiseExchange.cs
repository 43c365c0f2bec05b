namespace Gateway.Coap;

/// <summary>
/// A client's whole request and its whole answer, as many messages as that takes (RFC 7959 §2.7): the body goes out, then the
/// answer's comes in. Knows no socket: send <see cref="First"/>, feed what is answered to <see cref="Take"/>, and send what it
/// says, until it ends. For one request, and not thread-safe.
/// </summary>
internal sealed class BlockwiseExchange
{
    private readonly CoapMessage _request;
    private readonly BlockwiseSender _sender;
    private readonly BlockwiseReceiver _receiver;
    private bool _receiving;
    private bool _fetchedAnew;

    /// <param name="request">The whole request: its type, code, options and body. A Block2 in it asks for a size of the answer's blocks.</param>
    /// <param name="blockSize">The largest block to send, 16 to 1024 bytes.</param>
    /// <param name="maxBodySize">The largest body of an answer that is taken, in bytes.</param>
    public BlockwiseExchange(CoapMessage request, int blockSize, int maxBodySize)
    {
        _request = request;
        _sender = new BlockwiseSender(request, blockSize);
        _receiver = new BlockwiseReceiver(request, maxBodySize);
    }

    /// <summary>What is to be sent first; it fails only for a body that has too many blocks.</summary>
    public BlockwiseStep First => _sender.CanBeCounted ? BlockwiseStep.Send(_sender.Current) : BlockwiseStep.Fail(BlockwiseError.TooManyBlocks);

    /// <summary>Takes the answer to what was sent last.</summary>
    public BlockwiseStep Take(CoapMessage answer)
    {
        if (!_receiving)
        {
            var step = _sender.Take(answer);
            if (step.Answer is null)
            {
                return step;
            }

            _receiving = true;
        }

        var received = _receiver.Take(answer);
        return received.Error == BlockwiseError.Changed && MayFetchAnew() ? FetchAnew(answer) : received;
    }

    /// <summary>The request for a further block of the answer: as the first one, but without its body (RFC 7959 §2.7, §3.3).</summary>
    // RFC 7959 §2.6: Observe is for the first block only; the others are asked for without it.
    public static CoapMessage FollowUp(CoapMessage request, BlockOption block) => request with
    {
        Options =
        [
            .. request.Options.Where(option => !BlockOptions.IsOfTransfer(option.Number) && option.Number != OptionNumber.Observe),
            block.ToOption(OptionNumber.Block2),
        ],
        Payload = default,
    };

    // RFC 7959 §2.4: a client may fetch the new version. Only of what can be asked twice without harm, and once, or it might never end.
    private bool MayFetchAnew() => !_fetchedAnew && _request.Code == CoapCode.Get;

    private BlockwiseStep FetchAnew(CoapMessage answer)
    {
        _fetchedAnew = true;
        _receiver.Reset();
        _ = BlockOptions.TryFind(answer.Options, OptionNumber.Block2, out var block);
        return BlockwiseStep.Send(FollowUp(_request, new BlockOption(0, false, block!.Value.SizeExponent)));
    }
}
