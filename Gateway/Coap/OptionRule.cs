namespace Gateway.Coap;

/// <summary>What an option that the engine recognises in a request may look like (RFC 7252 §5.10, table 4).</summary>
internal readonly record struct OptionRule(int MinLength, int MaxLength, bool Repeatable)
{
    /// <summary>
    /// Whether the engine only knows how the option looks, and a resource must do what it demands: without one that does it is
    /// refused rather than ignored (RFC 7252 §5.10.8).
    /// </summary>
    public bool ForResource { get; init; }

    /// <summary>The option's rule, or null for an option that the engine does not know, or that says nothing in a request.</summary>
    // Max-Age, Location-Path and Location-Query are for answers (RFC 7252 §5.10.5, §5.10.7); elective, they are ignored in a request.
    public static OptionRule? Of(int number) => number switch
    {
        OptionNumber.IfMatch => new OptionRule(0, 8, Repeatable: true) { ForResource = true },
        OptionNumber.IfNoneMatch => new OptionRule(0, 0, Repeatable: false) { ForResource = true },
        OptionNumber.UriHost => new OptionRule(1, 255, Repeatable: false),
        OptionNumber.ETag => new OptionRule(1, 8, Repeatable: true),
        OptionNumber.Observe => new OptionRule(0, 3, Repeatable: false),
        OptionNumber.UriPort => new OptionRule(0, 2, Repeatable: false),
        OptionNumber.UriPath => new OptionRule(0, 255, Repeatable: true),
        OptionNumber.ContentFormat => new OptionRule(0, 2, Repeatable: false),
        OptionNumber.UriQuery => new OptionRule(0, 255, Repeatable: true),
        OptionNumber.Accept => new OptionRule(0, 2, Repeatable: false),
        OptionNumber.Block2 => new OptionRule(0, 3, Repeatable: false),
        OptionNumber.Block1 => new OptionRule(0, 3, Repeatable: false),
        OptionNumber.Size2 => new OptionRule(0, 4, Repeatable: false),
        OptionNumber.ProxyUri => new OptionRule(1, 1034, Repeatable: false),
        OptionNumber.ProxyScheme => new OptionRule(1, 255, Repeatable: false),
        OptionNumber.Size1 => new OptionRule(0, 4, Repeatable: false),
        OptionNumber.Echo => new OptionRule(1, 40, Repeatable: false),
        OptionNumber.NoResponse => new OptionRule(0, 1, Repeatable: false),
        OptionNumber.RequestTag => new OptionRule(0, 8, Repeatable: true),
        _ => null,
    };

    public bool Fits(int length) => length >= MinLength && length <= MaxLength;
}
