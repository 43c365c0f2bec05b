namespace Gateway.Coap;

/// <summary>What a request says of the message that may answer it.</summary>
/// <param name="Token">Its token, which the answer has too.</param>
/// <param name="NoResponse">The classes of answers that the client does not want to have (RFC 7967 §2.1); 0 for none.</param>
/// <param name="Size">How large the request is, in bytes.</param>
/// <param name="FreeSize">How large a message may be that goes to a peer of which nothing is known, in bytes.</param>
internal readonly record struct AnswerTerms(Token Token, uint NoResponse, int Size, int FreeSize)
{
    /// <summary>Whether a class of answers is wanted.</summary>
    public bool Wants(CoapCode code) => (NoResponse & (1u << (code.Class - 1))) == 0;

    /// <summary>Whether the answer is small without a doubt, which costs no more than to look at its lengths.</summary>
    public bool HasRoomFor(CoapResponse answer) => answer.MaxSize <= FreeSize;
}
