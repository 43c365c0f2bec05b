namespace Gateway.Coap;

/// <summary>What became of a block of a request's body.</summary>
internal enum UploadOutcome
{
    /// <summary>It is taken, or was before: 2.31.</summary>
    Continue,

    /// <summary>It was the last one, and the body is whole.</summary>
    Complete,

    /// <summary>It is the last one again: it gets the answer that the first one got, or will get.</summary>
    Repeated,

    /// <summary>It does not follow what is there: 4.08.</summary>
    Incomplete,

    /// <summary>With it the body is larger than what is taken: 4.13.</summary>
    TooLarge,
}

/// <param name="Outcome">What became of it.</param>
/// <param name="Body">The body, when it is whole.</param>
/// <param name="Upload">The transfer, when it is to be told the answer.</param>
/// <param name="Answer">The answer, for a block that is repeated.</param>
internal readonly record struct UploadStep(
    UploadOutcome Outcome, ReadOnlyMemory<byte> Body = default, BlockUpload? Upload = null, Task<CoapResponse?>? Answer = null);

/// <summary>A request's body that comes block by block (RFC 7959 §2.5). The lock of <see cref="BlockTransfers"/> guards it.</summary>
/// <param name="key">By what its blocks are known.</param>
/// <param name="limit">The largest body, in bytes. Memory grows with what has come, whatever Size1 promises.</param>
internal sealed class BlockUpload(BlockKey key, int limit) : BlockTransfer(key)
{
    private byte[] _body = [];
    private int _length;

    // Once the body is whole: its last block, by which a repetition is known, and what it was answered.
    private byte[] _lastBlock = [];
    private int _answerLength;
    private TaskCompletionSource<CoapResponse?>? _answer;

    public override bool IsFinished => _answer is { Task.IsCompleted: true };

    protected override int BodyBytes => _body.Length + _lastBlock.Length + _answerLength;

    /// <summary>Takes a block. Where it stands is counted in bytes, so that its size may be another one than that of the last.</summary>
    public UploadStep Take(BlockOption block, ReadOnlySpan<byte> payload)
    {
        if (_answer is not null)
        {
            var repeated = !block.More && block.Offset == _length - _lastBlock.Length && payload.SequenceEqual(_lastBlock);
            return repeated ? new UploadStep(UploadOutcome.Repeated, Answer: _answer.Task) : new UploadStep(UploadOutcome.Incomplete);
        }

        if (block.Offset != _length)
        {
            return new UploadStep(block.More && Holds(block.Offset, payload) ? UploadOutcome.Continue : UploadOutcome.Incomplete);
        }

        if (payload.Length > limit - _length)
        {
            return new UploadStep(UploadOutcome.TooLarge);
        }

        Append(payload);
        return block.More ? new UploadStep(UploadOutcome.Continue) : Complete(payload);
    }

    /// <summary>Hands the answer to those who repeated the last block; null when there will be none. True if that was the first time.</summary>
    public bool Answer(CoapResponse? answer)
    {
        _body = [];
        _answerLength = answer?.Payload.Length ?? 0;

        // Its payload may be part of a larger body, which would live as long as the part.
        return _answer?.TrySetResult(answer is null ? null : answer with { Payload = answer.Payload.ToArray() }) == true;
    }

    private bool Holds(int offset, ReadOnlySpan<byte> payload) =>
        offset < _length && payload.Length <= _length - offset && payload.SequenceEqual(_body.AsSpan(offset, payload.Length));

    private void Append(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > _body.Length - _length)
        {
            Array.Resize(ref _body, (int)Math.Min(Math.Max(_body.Length * 2L, _length + payload.Length), limit));
        }

        payload.CopyTo(_body.AsSpan(_length));
        _length += payload.Length;
    }

    private UploadStep Complete(ReadOnlySpan<byte> lastBlock)
    {
        _lastBlock = lastBlock.ToArray();

        // Who waits for it goes on elsewhere, not within the request that is answered.
        _answer = new TaskCompletionSource<CoapResponse?>(TaskCreationOptions.RunContinuationsAsynchronously);
        return new UploadStep(UploadOutcome.Complete, _body.AsMemory(0, _length), this);
    }
}
