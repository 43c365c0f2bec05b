namespace Gateway.Coap;

/// <summary>What a <see cref="CoapClient"/> is to ask.</summary>
internal sealed record ClientRequest(CoapCode Method, CoapUri Uri)
{
    public ReadOnlyMemory<byte> Payload { get; init; }

    public int? ContentFormat { get; init; }

    public int? Accept { get; init; }

    /// <summary>Whether it is sent until it is acknowledged (CON), or once (NON).</summary>
    public bool Confirmable { get; init; } = true;

    /// <summary>
    /// The largest block to send and to take, 16 to 1024 bytes, a power of two; a payload that is larger goes out block by block
    /// (RFC 7959). Null is 1024, and leaves it to the server how its answer comes.
    /// </summary>
    public int? BlockSize { get; init; }

    /// <summary>Options beyond those that follow from the rest.</summary>
    public IReadOnlyList<CoapOption> Options { get; init; } = [];

    /// <summary>The whole request; its message ID and its token are given when it is sent.</summary>
    public CoapMessage ToMessage()
    {
        var options = new List<CoapOption>(Uri.ToOptions());
        if (ContentFormat is { } format)
        {
            options.Add(UintOption.Of(OptionNumber.ContentFormat, (uint)format));
        }

        if (Accept is { } accept)
        {
            options.Add(UintOption.Of(OptionNumber.Accept, (uint)accept));
        }

        if (BlockSize is { } size && Payload.Length <= size)
        {
            // RFC 7959 §2.4: early negotiation, so that the first block is not too large already.
            options.Add(new BlockOption(0, false, BlockOption.ExponentFor(size)).ToOption(OptionNumber.Block2));
        }

        options.AddRange(Options);
        var type = Confirmable ? MessageType.Confirmable : MessageType.NonConfirmable;
        return new CoapMessage(type, Method, default) { Options = options, Payload = Payload };
    }
}
