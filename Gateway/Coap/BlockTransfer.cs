namespace Gateway.Coap;

/// <summary>What is kept of one transfer between its blocks. The lock of <see cref="BlockTransfers"/> guards it.</summary>
internal abstract class BlockTransfer
{
    // What a transfer takes beside its bytes, its objects and its places in the table: 550 to 800 bytes were measured.
    private const int Overhead = 1024;

    protected BlockTransfer(BlockKey key)
    {
        Key = key;
        Place = new LinkedListNode<BlockTransfer>(this);
    }

    public BlockKey Key { get; }

    /// <summary>Its place among the transfers of its kind, by when they were used.</summary>
    public LinkedListNode<BlockTransfer> Place { get; }

    /// <summary>When its last block came or went, as a timestamp.</summary>
    public long UsedAt { get; set; }

    /// <summary>Whether the last block came and was answered, or went: it is kept only in case that block is asked for again.</summary>
    public abstract bool IsFinished { get; }

    /// <summary>The memory that it is charged for.</summary>
    public long Bytes => Overhead + BodyBytes;

    protected abstract int BodyBytes { get; }
}
