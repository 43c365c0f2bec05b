namespace Gateway.Coap;

/// <summary>What a <see cref="CoapClient"/> is to ask.</summary>
internal sealed record ClientRequest(CoapCode Method, CoapUri Uri)
{
    public ReadOnlyMemory<byte> Payload { get; init; }

    public int? ContentFormat { get; init; }

    public int? Accept { get; init; }

    /// <summary>Options beyond those that follow from the rest.</summary>
    public IReadOnlyList<CoapOption> Options { get; init; } = [];

    public CoapMessage ToMessage(MessageId id, Token token)
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

        options.AddRange(Options);
        return new CoapMessage(MessageType.Confirmable, Method, id) { Token = token, Options = options, Payload = Payload };
    }
}
