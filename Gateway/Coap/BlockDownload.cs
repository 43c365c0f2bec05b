namespace Gateway.Coap;

/// <summary>An answer that is fetched block by block (RFC 7959 §2.4). The lock of <see cref="BlockTransfers"/> guards it.</summary>
internal sealed class BlockDownload(BlockKey key, CoapResponse whole) : BlockTransfer(key)
{
    private bool _finished;

    public override bool IsFinished => _finished;

    protected override int BodyBytes => whole.Payload.Length;

    /// <summary>The whole answer. Asked for the end of its body, the transfer is finished.</summary>
    public CoapResponse Read(BlockOption block)
    {
        _finished |= block.Offset + block.Size >= whole.Payload.Length;
        return whole;
    }
}
