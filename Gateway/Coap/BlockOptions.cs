namespace Gateway.Coap;

/// <summary>What the blockwise parts do with the options of messages (RFC 7959 §2.1).</summary>
internal static class BlockOptions
{
    /// <summary>The options that are about a block or its transfer and not about the request: Block1, Block2, Size1 and Size2.</summary>
    public static bool IsOfTransfer(int number) =>
        number is OptionNumber.Block1 or OptionNumber.Block2 or OptionNumber.Size1 or OptionNumber.Size2;

    /// <summary>The value of Block1 or Block2; false when the option is there and can't be read, true with null when it is not there.</summary>
    public static bool TryFind(IReadOnlyList<CoapOption> options, int number, out BlockOption? block)
    {
        block = null;
        return Find(options, number) is not { } value || BlockOption.TryRead(value.Span, out block);
    }

    /// <summary>The value of an option that is a number; null when it is not there, or longer than four bytes.</summary>
    public static uint? FindUint(IReadOnlyList<CoapOption> options, int number) =>
        Find(options, number) is { Length: <= sizeof(uint) } value ? UintOption.Read(value.Span) : null;

    /// <summary>The value of the first option of the number; null when there is none.</summary>
    public static ReadOnlyMemory<byte>? Find(IReadOnlyList<CoapOption> options, int number)
    {
        for (var index = 0; index < options.Count; index++)
        {
            if (options[index].Number == number)
            {
                return options[index].Value;
            }
        }

        return null;
    }
}
