namespace Gateway.Coap;

/// <summary>Asks the resource, with the whole body of the request.</summary>
internal delegate ValueTask<CoapResponse> ResourceCall(ReadOnlyMemory<byte> body);

/// <summary>
/// The server's side of RFC 7959, between the request layer and a resource: the resource sees whole bodies only. Requests without
/// Block options and with small answers never come here. Every method may be called from any thread; no lock is held while the
/// resource is asked.
/// </summary>
//
//   Block1 1:0/1 ──► kept ──► 2.31          a body that comes in blocks is atomic: the resource is asked once, with all of it
//   Block1 1:1/1 ──► kept ──► 2.31
//   Block1 1:2/0 ──► whole ──► resource ──► whole answer ──┬─ small ──► as it is
//                                                          └─ large ──► 2:0/1, and the rest is kept
//   Block2 2:1/0 ──► kept answer ──► 2:1/1
internal sealed class BlockwiseServer
{
    // Blocks of 64 bytes: a message with one is smaller than 136 bytes, if its options are no more than usual.
    private const int SmallExponent = 2;

    private readonly CoapSettings _settings;
    private readonly int _sizeExponent;
    private readonly BlockTransfers _transfers;

    public BlockwiseServer(CoapSettings settings, TransmissionParameters parameters, TimeProvider time, CoapMetrics metrics)
    {
        _settings = settings;
        _sizeExponent = BlockOption.ExponentFor(settings.BlockSize);
        _transfers = new BlockTransfers(settings, parameters, time, metrics);
        metrics.ObserveTransfers(() => _transfers.Count);
    }

    /// <summary>The largest answer that needs no blocks, in bytes.</summary>
    public int LargestWhole => 16 << _sizeExponent;

    /// <summary>Answers a request that has a Block1, Block2 or Size2 option.</summary>
    public ValueTask<CoapResponse> AnswerAsync(Peer peer, CoapRequest request, RequestedBlocks blocks, ResourceCall ask)
    {
        if (blocks.HasReservedSize)
        {
            // RFC 7959 §2.2: SZX 7 is reserved, and must be answered 4.00.
            return ValueTask.FromResult(CoapResponse.Error(CoapCode.BadRequest, "SZX 7 is no block size"));
        }

        return blocks switch
        {
            { Block1: { } block } => UploadAsync(peer, request, blocks, block, ask),
            { Block2: { Number: > 0 } block } => FollowUpAsync(peer, request, blocks, block, ask),
            _ => WholeAsync(peer, request, blocks, ask),
        };
    }

    /// <summary>Of an answer that is too large for the request's blocks, the first one; the rest is kept. A smaller one comes back as it is.</summary>
    public CoapResponse Cut(Peer peer, CoapRequest request, RequestedBlocks blocks, CoapResponse whole) =>
        Slice(peer, request, blocks, whole, new BlockOption(0, false, blocks.Block2?.SizeExponent ?? _sizeExponent));

    /// <summary>The same for a peer that is not to get more at a time: 64 bytes of an answer, which may be a block already.</summary>
    public CoapResponse CutSmall(Peer peer, CoapRequest request, RequestedBlocks blocks, CoapResponse answer)
    {
        var small = new BlockOption(0, false, SmallExponent);
        _ = BlockOptions.TryFind(answer.MoreOptions, OptionNumber.Block2, out var block);
        CoapOption[] others = [.. answer.MoreOptions.Where(option => option.Number is not (OptionNumber.Block2 or OptionNumber.Size2))];
        if (block is null or { Number: 0, More: false })
        {
            return Slice(peer, request, blocks, answer with { MoreOptions = others }, small);
        }

        // The rest is kept, whatever the size of the blocks in which it is asked for.
        var cut = new BlockOption(block.Value.Offset / small.Size, block.Value.More || answer.Payload.Length > small.Size, SmallExponent);
        return block.Value.Size <= small.Size || answer.Payload.Length <= small.Size ? answer
            : answer with { Payload = answer.Payload[..small.Size], MoreOptions = [.. others, cut.ToOption(OptionNumber.Block2)] };
    }

    private async ValueTask<CoapResponse> WholeAsync(Peer peer, CoapRequest request, RequestedBlocks blocks, ResourceCall ask) =>
        Cut(peer, request, blocks, await ask(request.Payload).ConfigureAwait(false));

    // RFC 7959 §2.5.
    private ValueTask<CoapResponse> UploadAsync(Peer peer, CoapRequest request, RequestedBlocks blocks, BlockOption block, ResourceCall ask)
    {
        // The size that we would rather have, for the client to heed from the next block on.
        var echo = block with { SizeExponent = Math.Min(block.SizeExponent, _sizeExponent) };
        if (block.More ? request.Payload.Length != block.Size : request.Payload.Length > block.Size)
        {
            return ValueTask.FromResult(CoapResponse.Error(CoapCode.BadRequest, $"the payload is not what Block1 {block} says"));
        }

        if (blocks.Size1 > _settings.MaxPayloadSize || request.Payload.Length > _settings.MaxPayloadSize)
        {
            return ValueTask.FromResult(TooLarge(echo));
        }

        var step = _transfers.Take(KeyOf(peer, BlockDirection.Upload, request), block, request.Payload);
        return step.Outcome switch
        {
            UploadOutcome.Complete => CompleteAsync(peer, request, blocks, echo, step, ask),
            UploadOutcome.Repeated => RepeatAsync(step.Answer!),
            UploadOutcome.Continue => ValueTask.FromResult(With(new CoapResponse(CoapCode.Continue), echo)),
            UploadOutcome.TooLarge => ValueTask.FromResult(TooLarge(echo)),
            _ => ValueTask.FromResult(CoapResponse.Error(CoapCode.RequestEntityIncomplete, $"Block1 {block} does not follow what is here")),
        };
    }

    private async ValueTask<CoapResponse> CompleteAsync(
        Peer peer, CoapRequest request, RequestedBlocks blocks, BlockOption echo, UploadStep step, ResourceCall ask)
    {
        CoapResponse? answer = null;
        try
        {
            answer = With(Cut(peer, request, blocks, await ask(step.Body).ConfigureAwait(false)), echo);
            return answer;
        }
        finally
        {
            if (step.Upload is { } upload)
            {
                _transfers.Answer(upload, answer);
            }
        }
    }

    private static async ValueTask<CoapResponse> RepeatAsync(Task<CoapResponse?> answer) =>
        await answer.ConfigureAwait(false) ?? CoapResponse.Error(CoapCode.InternalServerError, "the server failed; its log says why");

    // RFC 7959 §2.4. A GET can be asked again when its answer is no longer kept, and a FETCH that brings its body along (RFC 8132 §2);
    // for the others that would be to do it twice.
    private async ValueTask<CoapResponse> FollowUpAsync(
        Peer peer, CoapRequest request, RequestedBlocks blocks, BlockOption block, ResourceCall ask)
    {
        if (_transfers.Find(KeyOf(peer, BlockDirection.Download, request), block) is { } kept)
        {
            return BlockOf(kept, block, blocks);
        }

        return request.Method == CoapCode.Get || (request.Method == CoapCode.Fetch && !request.Payload.IsEmpty)
            ? Slice(peer, request, blocks, await ask(request.Payload).ConfigureAwait(false), block)
            : CoapResponse.Error(CoapCode.RequestEntityIncomplete, "the answer is no longer kept; ask anew");
    }

    private CoapResponse Slice(Peer peer, CoapRequest request, RequestedBlocks blocks, CoapResponse whole, BlockOption block)
    {
        var size = Math.Min(block.Size, LargestWhole);
        if (whole.Code.Class != 2 && whole.ContentFormat is null)
        {
            return BlockCut.Shortened(whole, size);
        }

        if (whole.Payload.Length <= size && (block.Number == 0 || whole.Code != CoapCode.Content))
        {
            // Small, and so without Block2, unless the client began with it.
            return whole.Payload.IsEmpty || (blocks.Block2 is null && !blocks.AsksSize2) ? whole : BlockOf(whole, block, blocks);
        }

        if (whole.Payload.Length > size)
        {
            whole = BlockCut.Named(whole, request.Method);
            _transfers.Keep(KeyOf(peer, BlockDirection.Download, request), whole);
        }

        return BlockOf(whole, block, blocks);
    }

    // RFC 7959 names no code for a block behind the end. For the one value of the option that it does refuse, it says 4.00 (§2.2).
    private CoapResponse BlockOf(CoapResponse whole, BlockOption block, RequestedBlocks blocks) =>
        BlockCut.Of(whole, block, _sizeExponent, blocks.AsksSize2)
        ?? CoapResponse.Error(CoapCode.BadRequest, $"the body ends before Block2 {block}");

    // RFC 7959 §2.9.3: Size1 says how much would be taken, Block1 in which blocks.
    private CoapResponse TooLarge(BlockOption echo) =>
        With(CoapResponse.Error(CoapCode.RequestEntityTooLarge, "the payload is too large") with { Size1 = (uint)_settings.MaxPayloadSize }, echo);

    private static CoapResponse With(CoapResponse answer, BlockOption block1) =>
        answer with { MoreOptions = [.. answer.MoreOptions, block1.ToOption(OptionNumber.Block1)] };

    private static BlockKey KeyOf(Peer peer, BlockDirection direction, CoapRequest request) =>
        BlockKey.Of(peer, direction, request.Method, request.Options);
}
