namespace Gateway.Coap;

/// <summary>
/// A message where it was received: a view of the datagram, made without an allocation, which holds as long as the datagram's bytes do.
/// <see cref="ToMessage"/> makes one that may be kept.
/// </summary>
internal readonly ref struct MessageView
{
    private readonly int _bodyStart;
    private readonly int _payloadStart;
    private readonly int _optionCount;

    /// <summary>For <see cref="CoapCodec.TryRead"/>, which has looked at every byte that the parts below rely on.</summary>
    /// <param name="datagram">The datagram.</param>
    /// <param name="bodyStart">Where the options begin.</param>
    /// <param name="payloadStart">Where the payload begins; the datagram's end if there is none.</param>
    /// <param name="optionCount">How many options there are.</param>
    public MessageView(ReadOnlySpan<byte> datagram, int bodyStart, int payloadStart, int optionCount)
    {
        Datagram = datagram;
        (_bodyStart, _payloadStart, _optionCount) = (bodyStart, payloadStart, optionCount);
    }

    public ReadOnlySpan<byte> Datagram { get; }

    public MessageType Type => CoapCodec.TypeOf(Datagram);

    public CoapCode Code => new(Datagram[1]);

    public MessageId Id => CoapCodec.IdOf(Datagram);

    public Token Token => Token.From(Datagram[CoapCodec.HeaderSize.._bodyStart]);

    /// <summary>The options and the payload as they stand in the datagram.</summary>
    public ReadOnlySpan<byte> Body => Datagram[_bodyStart..];

    public ReadOnlySpan<byte> Payload => Datagram[_payloadStart..];

    /// <summary>A copy that owns its bytes.</summary>
    public CoapMessage ToMessage()
    {
        var body = Body.ToArray();
        return new CoapMessage(Type, Code, Id)
        {
            Token = Token,
            Options = ReadOptions(body),
            Payload = body.AsMemory(_payloadStart - _bodyStart),
        };
    }

    private CoapOption[] ReadOptions(byte[] body)
    {
        if (_optionCount == 0)
        {
            return [];
        }

        var options = new CoapOption[_optionCount];
        var reader = new OptionReader(body);
        for (var index = 0; reader.MoveNext(); index++)
        {
            options[index] = new CoapOption(reader.Number, body.AsMemory(reader.ValueStart, reader.ValueLength));
        }

        return options;
    }
}
