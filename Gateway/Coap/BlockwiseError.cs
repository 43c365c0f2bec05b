namespace Gateway.Coap;

/// <summary>Why a client can't go on with a blockwise transfer, though the server answered.</summary>
internal enum BlockwiseError
{
    None,

    /// <summary>A Block option that can't be read, or a block that is not as long as it says (RFC 7959 §2.2, §2.3).</summary>
    Malformed,

    /// <summary>An answer about another block than the one that was sent or asked for.</summary>
    OutOfSequence,

    /// <summary>The representation changed while it was fetched, and once more when it was fetched anew (RFC 7959 §2.4).</summary>
    Changed,

    /// <summary>The body is larger than the client takes.</summary>
    TooLarge,

    /// <summary>The body has more blocks than can be counted: 1,048,576.</summary>
    TooManyBlocks,
}
