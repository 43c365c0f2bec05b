namespace Gateway.Coap;

/// <summary>What a request says of blocks (RFC 7959).</summary>
internal readonly record struct RequestedBlocks
{
    public BlockOption? Block1 { get; init; }

    public BlockOption? Block2 { get; init; }

    /// <summary>A Block option whose SZX is reserved: that is no fault of the option's form (RFC 7959 §2.2).</summary>
    public bool HasReservedSize { get; init; }

    /// <summary>How large the client says that the whole body is, in bytes.</summary>
    public uint? Size1 { get; init; }

    /// <summary>Whether the client wants to know how large the whole answer is (RFC 7959 §4).</summary>
    public bool AsksSize2 { get; init; }

    /// <summary>Whether the request is for <see cref="BlockwiseServer"/>, whatever its answer.</summary>
    public bool Any => Block1 is not null || Block2 is not null || HasReservedSize || AsksSize2;
}
