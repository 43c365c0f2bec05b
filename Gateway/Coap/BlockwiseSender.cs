namespace Gateway.Coap;

/// <summary>
/// The client's side of Block1 (RFC 7959 §2.5): a request whose body goes out block by block. Knows no socket: it is told what
/// was answered, and says what is to be sent next. For one request, and not thread-safe.
/// </summary>
//
//   POST 1:0/1/1024 ──►
//                   ◄── 2.31 1:0/1/64          smaller, please
//   POST 1:16/1/64  ──►                        goes on where it was: 16 × 64 = 1024
//                   ◄── 2.31 1:16/1/64
//   POST 1:17/0/64  ──►                        the last one
//                   ◄── 2.04 1:17/0/64
internal sealed class BlockwiseSender
{
    private readonly CoapMessage _request;
    private int _sizeExponent;
    private int _offset;
    private bool _inBlocks;
    private bool _restarted;

    /// <param name="request">The whole request; its message ID and token are handed on as they are.</param>
    /// <param name="blockSize">The largest block to send, 16 to 1024 bytes. A body that is not larger goes out without Block1.</param>
    public BlockwiseSender(CoapMessage request, int blockSize)
    {
        _request = request;
        _sizeExponent = BlockOption.ExponentFor(blockSize);
        _inBlocks = request.Payload.Length > Size;
    }

    /// <summary>Whether the body can be sent in blocks of the size that is in use.</summary>
    public bool CanBeCounted => (_request.Payload.Length - 1) >> (_sizeExponent + 4) <= BlockOption.MaxNumber;

    /// <summary>The request for the block whose turn it is.</summary>
    public CoapMessage Current => _inBlocks ? CurrentBlock() : _request;

    private int Size => 16 << _sizeExponent;

    private BlockOption Block => new(_offset / Size, _offset + Size < _request.Payload.Length, _sizeExponent);

    /// <summary>Takes the answer to <see cref="Current"/>. It is final unless there is something to send, or it makes no sense.</summary>
    public BlockwiseStep Take(CoapMessage answer)
    {
        if (!BlockOptions.TryFind(answer.Options, OptionNumber.Block1, out var acknowledged))
        {
            return BlockwiseStep.Fail(BlockwiseError.Malformed);
        }

        if (answer.Code == CoapCode.RequestEntityTooLarge && acknowledged is { } hint && MayRestart(answer, hint))
        {
            return Restart(hint.SizeExponent);
        }

        // RFC 7959 §2.3: a server that acts on each block alone says 2.04 where others say 2.31, and the transfer goes on all the same.
        var goesOn = answer.Code == CoapCode.Continue || (answer.Code.Class == 2 && acknowledged is not null && Block.More);
        return _inBlocks && goesOn ? GoOn(acknowledged)
            : answer.Code == CoapCode.Continue ? BlockwiseStep.Fail(BlockwiseError.OutOfSequence)
            : BlockwiseStep.End(answer);
    }

    // RFC 7959 §2.9.3: 4.13 with a Block1 of a smaller size asks for the body in such blocks, unless its Size1 says that the body is
    // too large in any. Once, or two hosts would never be done.
    private bool MayRestart(CoapMessage answer, BlockOption hint) =>
        !_restarted && !(BlockOptions.FindUint(answer.Options, OptionNumber.Size1) < _request.Payload.Length) && 16 << hint.SizeExponent < _request.Payload.Length && (!_inBlocks || hint.SizeExponent < _sizeExponent);

    private BlockwiseStep Restart(int sizeExponent)
    {
        (_restarted, _inBlocks, _offset, _sizeExponent) = (true, true, 0, Math.Min(_sizeExponent, sizeExponent));
        return CanBeCounted ? BlockwiseStep.Send(Current) : BlockwiseStep.Fail(BlockwiseError.TooManyBlocks);
    }

    private BlockwiseStep GoOn(BlockOption? acknowledged)
    {
        var sent = Block;
        if (acknowledged is not { } block || block.Number != sent.Number || !sent.More)
        {
            return BlockwiseStep.Fail(BlockwiseError.OutOfSequence);
        }

        // RFC 7959 §2.5: what was sent counts in the size in which it was sent, what follows in the one that the server prefers.
        _offset += Size;
        _sizeExponent = Math.Min(_sizeExponent, block.SizeExponent);
        return CanBeCounted ? BlockwiseStep.Send(Current) : BlockwiseStep.Fail(BlockwiseError.TooManyBlocks);
    }

    private CoapMessage CurrentBlock()
    {
        var options = new List<CoapOption>(_request.Options) { Block.ToOption(OptionNumber.Block1) };
        if (_offset == 0 && BlockOptions.Find(options, OptionNumber.Size1) is null)
        {
            // RFC 7959 §4: so that a server need not take the first half of what it must refuse.
            options.Add(UintOption.Of(OptionNumber.Size1, (uint)_request.Payload.Length));
        }

        return _request with { Options = options, Payload = _request.Payload[_offset..Math.Min(_offset + Size, _request.Payload.Length)] };
    }
}
