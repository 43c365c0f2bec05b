namespace Gateway.Coap;

/// <summary>
/// The client's side of Block2 (RFC 7959 §2.4): puts the body of an answer together, and says what is to be asked next. Knows no
/// socket. For one answer, and not thread-safe.
/// </summary>
/// <param name="request">The whole request that is answered.</param>
/// <param name="maxBodySize">The largest body that is taken, in bytes. Memory grows with what has come, whatever Size2 promises.</param>
internal sealed class BlockwiseReceiver(CoapMessage request, int maxBodySize)
{
    private CoapMessage? _first;
    private byte[] _body = [];
    private int _length;

    /// <summary>Takes an answer. One without Block2, and an error in the midst of it, is the end of it.</summary>
    public BlockwiseStep Take(CoapMessage answer)
    {
        if (!BlockOptions.TryFind(answer.Options, OptionNumber.Block2, out var found))
        {
            return BlockwiseStep.Fail(BlockwiseError.Malformed);
        }

        if (_first is null ? found is null : answer.Code != _first.Code)
        {
            return answer.Payload.Length > maxBodySize ? BlockwiseStep.Fail(BlockwiseError.TooLarge) : BlockwiseStep.End(answer);
        }

        if (found is not { } block)
        {
            return BlockwiseStep.Fail(BlockwiseError.OutOfSequence);
        }

        var error = Check(answer, block);
        if (error != BlockwiseError.None)
        {
            return BlockwiseStep.Fail(error);
        }

        _first ??= answer;
        Append(answer.Payload.Span);
        return block.More ? AskFor(block.SizeExponent) : BlockwiseStep.End(Whole());
    }

    /// <summary>Forgets what has come, to begin anew with the next answer.</summary>
    public void Reset() => (_first, _body, _length) = (null, [], 0);

    private BlockwiseError Check(CoapMessage answer, BlockOption block)
    {
        // RFC 7959 §2.4: blocks of different versions must not be put together.
        if (_first is not null && !ETagOf(_first).Span.SequenceEqual(ETagOf(answer).Span))
        {
            return BlockwiseError.Changed;
        }

        if (block.Offset != _length)
        {
            return BlockwiseError.OutOfSequence;
        }

        if (block.More ? answer.Payload.Length != block.Size : answer.Payload.Length > block.Size)
        {
            return BlockwiseError.Malformed;
        }

        var promised = BlockOptions.FindUint(answer.Options, OptionNumber.Size2) ?? 0;
        return promised > maxBodySize || answer.Payload.Length > maxBodySize - _length ? BlockwiseError.TooLarge : BlockwiseError.None;
    }

    private BlockwiseStep AskFor(int sizeExponent)
    {
        var number = _length >> (sizeExponent + 4);
        return number <= BlockOption.MaxNumber
            ? BlockwiseStep.Send(BlockwiseExchange.FollowUp(request, new BlockOption(number, false, sizeExponent)))
            : BlockwiseStep.Fail(BlockwiseError.TooManyBlocks);
    }

    private void Append(ReadOnlySpan<byte> block)
    {
        if (_length + block.Length > _body.Length)
        {
            Array.Resize(ref _body, (int)Math.Min(Math.Max(_body.Length * 2L, _length + block.Length), maxBodySize));
        }

        block.CopyTo(_body.AsSpan(_length));
        _length += block.Length;
    }

    // The first answer speaks for all of them, less what it said of its own block.
    private CoapMessage Whole() => _first! with
    {
        Options = [.. _first.Options.Where(option => option.Number is not (OptionNumber.Block2 or OptionNumber.Size2))],
        Payload = _body.AsMemory(0, _length),
    };

    private static ReadOnlyMemory<byte> ETagOf(CoapMessage answer) => BlockOptions.Find(answer.Options, OptionNumber.ETag) ?? default;
}
