namespace Gateway.Coap;

/// <summary>
/// The exchanges of the last minutes, by which duplicates are known (RFC 7252 §4.5). Bounded: when it is full, the oldest is
/// forgotten, so that its retransmission would be taken for a new request. Not thread-safe; the exchange table's lock guards it.
/// </summary>
internal sealed class DuplicateCache(int capacity)
{
    private readonly Dictionary<ExchangeKey, Exchange> _exchanges = [];

    // In the order of arrival. An exchange whose key was given to a newer one still stands here until its turn comes.
    private readonly Queue<Exchange> _byAge = new();

    public int Count => _byAge.Count;

    /// <summary>The exchange that the key belongs to, unless it is past its lifetime or forgotten.</summary>
    public Exchange? Find(ExchangeKey key, long now) =>
        _exchanges.TryGetValue(key, out var exchange) && exchange.ExpiresAt > now ? exchange : null;

    public void Add(Exchange exchange, long now)
    {
        // What is past its time goes first. A NON behind a CON waits for it here, which only costs room: Find asks for its own time.
        while (_byAge.TryPeek(out var oldest) && (oldest.ExpiresAt <= now || _byAge.Count >= capacity))
        {
            _byAge.Dequeue();
            Forget(oldest);
        }

        _exchanges[exchange.Key] = exchange;
        _byAge.Enqueue(exchange);
    }

    private void Forget(Exchange exchange)
    {
        if (_exchanges.TryGetValue(exchange.Key, out var current) && ReferenceEquals(current, exchange))
        {
            _exchanges.Remove(exchange.Key);
        }
    }
}
