namespace Gateway.Coap;

/// <summary>Why a datagram is no message.</summary>
internal enum DecodeError
{
    None,

    /// <summary>Shorter than a header: there is no message ID to answer to.</summary>
    TooShort,

    /// <summary>RFC 7252 §3: a message of an unknown version is ignored, whatever else it says.</summary>
    WrongVersion,

    /// <summary>A token length from 9 to 15 (RFC 7252 §3).</summary>
    ReservedTokenLength,

    /// <summary>The datagram ends within the token.</summary>
    TruncatedToken,

    /// <summary>The datagram ends within an option.</summary>
    TruncatedOption,

    /// <summary>A delta or a length of 15 that is not the payload marker (RFC 7252 §3.1).</summary>
    ReservedOptionNibble,

    /// <summary>The deltas add up to more than 65535 (RFC 7252 §12.2).</summary>
    OptionNumberTooLarge,

    /// <summary>A payload marker with nothing behind it (RFC 7252 §3).</summary>
    EmptyPayload,

    /// <summary>An Empty message (0.00) with more than its header (RFC 7252 §4.1).</summary>
    EmptyMessageWithContent,
}

internal static class DecodeErrors
{
    /// <summary>Whether a CON is answered by a Reset (RFC 7252 §4.2); the other errors are met with silence.</summary>
    public static bool IsFormatError(this DecodeError error) => error > DecodeError.WrongVersion;
}
