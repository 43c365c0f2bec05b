namespace Gateway.Coap;

/// <summary>How much may be answered to a request: as much as its sender has paid for with bytes of its own, or has shown that it receives.</summary>
/// <param name="Guard">Who keeps count.</param>
/// <param name="Peer">Who sent the request.</param>
/// <param name="Size">How large the request is, in bytes.</param>
internal readonly record struct AnswerAllowance(AmplificationGuard Guard, Peer Peer, int Size)
{
    // Header, token, Content-Format, and the marker of the payload.
    private const int Head = CoapCodec.HeaderSize + Token.MaxLength + 3 + 1;

    /// <summary>How many bytes the payload may have at this moment.</summary>
    public int Payload => Guard.RoomFor(Peer, Size) is var room && room == int.MaxValue ? room : room - Head;
}
