namespace Gateway.Coap;

/// <summary>What is to be done with a request that came in.</summary>
internal enum ArrivalKind
{
    /// <summary>It is new, and begins an exchange.</summary>
    New,

    /// <summary>It came before: what acknowledged it is to be sent again.</summary>
    Repeat,

    /// <summary>It came before, and nothing is to be said yet, or never (a NON).</summary>
    Absorbed,

    /// <summary>Its sender, or the sender's prefix, asks too much, and is told so.</summary>
    TooMany,

    /// <summary>As above, and was told so just now.</summary>
    Silenced,

    /// <summary>Too many requests are in work.</summary>
    Overloaded,

    /// <summary>The server is stopping: a CON comes again, by when a successor may listen.</summary>
    Draining,
}

/// <param name="Kind">What is to be done.</param>
/// <param name="Ticket">Of a new request, its number in the duplicate cache.</param>
/// <param name="Length">Of a repeat, how many bytes are to be sent.</param>
internal readonly record struct Arrival(ArrivalKind Kind, long Ticket = 0, int Length = 0);
