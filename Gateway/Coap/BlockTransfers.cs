namespace Gateway.Coap;

/// <summary>
/// The transfers under way, of all peers (RFC 7959), bounded in three ways: for each peer, in all, and by the bytes that they keep.
/// At a bound the one that was used longest ago makes room, a finished one first; the client of a dropped one is told 4.08 with its
/// next block. Every method may be called from any thread.
/// </summary>
internal sealed class BlockTransfers(CoapSettings settings, TransmissionParameters parameters, TimeProvider time, CoapMetrics metrics)
{
    // RFC 7959 §2.4, §2.5: so long after the last block a server may forget what it keeps.
    private readonly long _lifetime = time.TimestampsIn(parameters.ExchangeLifetime);
    private readonly int _bodyLimit = Math.Min(settings.MaxPayloadSize, settings.MaxTransferBytes);
    private readonly Lock _gate = new();

    // From here on: guarded by _gate. In the lists, what was used longest ago stands first.
    private readonly Dictionary<BlockKey, BlockTransfer> _byKey = [];
    private readonly Dictionary<Peer, List<BlockTransfer>> _byPeer = [];
    private readonly LinkedList<BlockTransfer> _open = new();
    private readonly LinkedList<BlockTransfer> _finished = new();
    private long _bytes;

    /// <summary>How many there are.</summary>
    public int Count => Do(_ => _byKey.Count);

    /// <summary>The memory that they are charged for.</summary>
    public long Bytes => Do(_ => _bytes);

    /// <summary>Takes a block of a request's body. Number 0 begins anew (RFC 7959 §2.5).</summary>
    public UploadStep Take(BlockKey key, BlockOption block, ReadOnlyMemory<byte> payload) => Do(drops =>
    {
        if (block.Number == 0)
        {
            Remove(key, drops);
            if (!block.More)
            {
                return new UploadStep(UploadOutcome.Complete, payload);
            }

            Add(new BlockUpload(key, _bodyLimit), drops);
        }

        if (_byKey.GetValueOrDefault(key) is not BlockUpload upload)
        {
            return new UploadStep(UploadOutcome.Incomplete);
        }

        var step = Use(upload, drops, taken => taken.Take(block, payload.Span));
        if (step.Outcome == UploadOutcome.TooLarge)
        {
            Remove(upload);
        }

        return step;
    });

    /// <summary>Tells a whole upload its answer, or with null that there is none, so that it may be begun anew.</summary>
    public void Answer(BlockUpload upload, CoapResponse? answer) => Do(drops =>
    {
        if (_byKey.GetValueOrDefault(upload.Key) != upload)
        {
            return upload.Answer(answer);
        }

        if (answer is null)
        {
            Remove(upload);
        }

        return answer is null ? upload.Answer(null) : Use(upload, drops, used => used.Answer(answer));
    });

    /// <summary>Keeps a whole answer for its further blocks. One that is larger than all the room there is is not kept.</summary>
    public void Keep(BlockKey key, CoapResponse whole) => Do(drops =>
    {
        Remove(key, drops);
        var download = new BlockDownload(key, whole);
        var fits = download.Bytes <= settings.MaxTransferBytes;
        if (fits)
        {
            Add(download, drops);
        }

        return fits;
    });

    /// <summary>The kept answer of which a block is asked for; null when there is none.</summary>
    public CoapResponse? Find(BlockKey key, BlockOption block) => Do(drops =>
        _byKey.GetValueOrDefault(key) is BlockDownload download ? Use(download, drops, used => used.Read(block)) : null);

    // Everything happens in here: under the lock, after what is past its time went; what was dropped is counted without the lock.
    private T Do<T>(Func<BlockDrops, T> action)
    {
        var drops = new BlockDrops();
        T result;
        lock (_gate)
        {
            Expire(drops);
            result = action(drops);
        }

        drops.Count(metrics);
        return result;
    }

    private void Expire(BlockDrops drops)
    {
        var now = time.GetTimestamp();
        foreach (var list in (ReadOnlySpan<LinkedList<BlockTransfer>>)[_finished, _open])
        {
            while (list.First is { Value: var oldest } && oldest.UsedAt + _lifetime <= now)
            {
                Drop(oldest, BlockDropReason.Expired, drops);
            }
        }
    }

    private void Add(BlockTransfer transfer, BlockDrops drops)
    {
        if (_byPeer.TryGetValue(transfer.Key.Peer, out var ofPeer) && ofPeer.Count >= settings.MaxTransfersPerPeer)
        {
            Drop(ofPeer.MinBy(other => (!other.IsFinished, other.UsedAt))!, BlockDropReason.Peer, drops);
        }

        if (_byKey.Count >= settings.MaxTransfers)
        {
            Drop((_finished.First ?? _open.First)!.Value, BlockDropReason.All, drops);
        }

        // Asked for again: the peer's list went if its only transfer did.
        if (!_byPeer.TryGetValue(transfer.Key.Peer, out ofPeer))
        {
            _byPeer.Add(transfer.Key.Peer, ofPeer = []);
        }

        ofPeer.Add(transfer);
        _byKey.Add(transfer.Key, transfer);
        _bytes += transfer.Bytes;
        Use(transfer, drops, _ => true);
    }

    // Uses a transfer, which may finish it and change what it is charged for, and makes room for what it grew by.
    private T Use<TTransfer, T>(TTransfer transfer, BlockDrops drops, Func<TTransfer, T> use)
        where TTransfer : BlockTransfer
    {
        var before = transfer.Bytes;
        var result = use(transfer);
        _bytes += transfer.Bytes - before;
        transfer.UsedAt = time.GetTimestamp();
        transfer.Place.List?.Remove(transfer.Place);
        while (_bytes > settings.MaxTransferBytes && (_finished.First ?? _open.First) is { Value: var oldest })
        {
            Drop(oldest, BlockDropReason.Bytes, drops);
        }

        (transfer.IsFinished ? _finished : _open).AddLast(transfer.Place);
        return result;
    }

    private void Remove(BlockKey key, BlockDrops drops)
    {
        if (_byKey.GetValueOrDefault(key) is { } transfer)
        {
            Drop(transfer, BlockDropReason.Restarted, drops);
        }
    }

    private void Drop(BlockTransfer transfer, BlockDropReason reason, BlockDrops drops)
    {
        Remove(transfer);
        if (!transfer.IsFinished)
        {
            drops.Add(reason);
        }
    }

    private void Remove(BlockTransfer transfer)
    {
        _byKey.Remove(transfer.Key);
        transfer.Place.List?.Remove(transfer.Place);
        _bytes -= transfer.Bytes;
        var ofPeer = _byPeer[transfer.Key.Peer];
        ofPeer.Remove(transfer);
        if (ofPeer.Count == 0)
        {
            _byPeer.Remove(transfer.Key.Peer);
        }
    }
}
