using System.Text;

namespace Gateway.Coap;

/// <summary>What a resource answers: code, payload and the options that go with them. It never changes, so one may be given again and again.</summary>
internal sealed record CoapResponse(CoapCode Code)
{
    // Room for the header, the token, and the options that have a name here.
    private const int MaxHead = 64;

    private const int MaxMoreOptions = CoapCodec.MaxDatagramSize - MaxHead - (16 << BlockOption.MaxSizeExponent);

    public ReadOnlyMemory<byte> Payload { get; init; }

    public int? ContentFormat { get; init; }

    /// <summary>A name for this version of the representation, 1 to 8 bytes (RFC 7252 §5.10.6); empty for none.</summary>
    public ReadOnlyMemory<byte> ETag { get; init; }

    /// <summary>For how many seconds the answer holds; with 5.03, when the client may try again (RFC 7252 §5.9.3.4).</summary>
    public uint? MaxAge { get; init; }

    /// <summary>With 4.13: the largest payload that is taken, in bytes (RFC 7959 §2.9.3).</summary>
    public uint? Size1 { get; init; }

    /// <summary>Options beyond those that have a name here, in any order.</summary>
    public IReadOnlyList<CoapOption> MoreOptions { get; init; } = [];

    /// <summary>Called once, on any thread, when the answer has been handed to the socket. Must not throw.</summary>
    public Action? Sent { get; init; }

    /// <summary>
    /// It is never a CON of its own: where the request is acknowledged already it goes as a NON. RFC 9175 §2.4 demands it of a challenge,
    /// which would be sent again and again to one who did not ask for it.
    /// </summary>
    public bool SentOnce { get; init; }

    /// <summary>
    /// Its maker has asked the request's <see cref="CoapRequest.Allowance"/>, and kept to it or to what one block has; so it is not put off
    /// until the peer has echoed, but counted.
    /// </summary>
    public bool KeepsToAllowance { get; init; }

    /// <summary>A size in bytes that the message with the answer does not exceed, whatever its token.</summary>
    public int MaxSize => MaxHead + Payload.Length + SizeOfMore();

    /// <summary>About the size of the message that carries the answer, in bytes: with a token of 8 bytes and two small options.</summary>
    public int UsualSize => 20 + Payload.Length + SizeOfMore();

    /// <summary>An error with a diagnostic payload: a text for a person, without Content-Format (RFC 7252 §5.5.2).</summary>
    public static CoapResponse Error(CoapCode code, string diagnostic) => new(code) { Payload = Encoding.UTF8.GetBytes(diagnostic) };

    /// <summary>Whether messages can carry it: with the code of an answer, a body that blocks can number, and options that fit beside one.</summary>
    public bool IsPossible => Code.IsResponse && Payload.Length <= BlockCut.MaxBodySize && SizeOfMore() <= MaxMoreOptions;

    /// <summary>The message that carries the answer.</summary>
    public CoapMessage ToMessage(MessageType type, MessageId id, Token token) =>
        new(type, Code, id) { Token = token, Options = Options(), Payload = Payload };

    /// <summary>The size of the message that carries the answer, in bytes.</summary>
    public int SizeWith(Token token) => CoapCodec.Encode(ToMessage(MessageType.NonConfirmable, default, token)).Length;

    /// <summary>Writes the message that carries the answer; returns its size.</summary>
    public int WriteTo(Span<byte> destination, MessageType type, MessageId id, Token token)
    {
        if (MoreOptions.Count > 0)
        {
            var encoded = CoapCodec.Encode(ToMessage(type, id, token));
            encoded.CopyTo(destination);
            return encoded.Length;
        }

        var writer = new MessageWriter(destination, type, Code, id, token);
        if (!ETag.IsEmpty)
        {
            writer.Option(OptionNumber.ETag, ETag.Span);
        }

        WriteIfSet(ref writer, OptionNumber.ContentFormat, (uint?)ContentFormat);
        WriteIfSet(ref writer, OptionNumber.MaxAge, MaxAge);
        WriteIfSet(ref writer, OptionNumber.Size1, Size1);
        writer.Payload(Payload.Span);
        return writer.Length;
    }

    private static void WriteIfSet(ref MessageWriter writer, int number, uint? value)
    {
        if (value is { } set)
        {
            writer.Option(number, set);
        }
    }

    // An option's head takes five bytes at most.
    private int SizeOfMore()
    {
        var size = 0;
        for (var index = 0; index < MoreOptions.Count; index++)
        {
            size += 5 + MoreOptions[index].Value.Length;
        }

        return size;
    }

    private CoapOption[] Options()
    {
        var options = new List<CoapOption>(4 + MoreOptions.Count);
        if (!ETag.IsEmpty)
        {
            options.Add(new CoapOption(OptionNumber.ETag, ETag));
        }

        AddIfSet(options, OptionNumber.ContentFormat, (uint?)ContentFormat);
        AddIfSet(options, OptionNumber.MaxAge, MaxAge);
        AddIfSet(options, OptionNumber.Size1, Size1);
        options.AddRange(MoreOptions);
        return [.. options];
    }

    private static void AddIfSet(List<CoapOption> options, int number, uint? value)
    {
        if (value is { } set)
        {
            options.Add(UintOption.Of(number, set));
        }
    }
}
