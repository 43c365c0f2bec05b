using System.Diagnostics.CodeAnalysis;

namespace Gateway.Coap;

/// <summary>The requests of ours in work, by all that an answer may name them by. Not thread-safe; the lock of <see cref="ClientExchanges"/> guards it.</summary>
internal sealed class ClientExchangeTable
{
    private readonly Dictionary<(Peer Peer, Token Token), ClientExchange> _byToken = [];
    private readonly Dictionary<(Peer Peer, MessageId Id), ClientExchange> _nonConfirmable = [];

    // All wait equally long, so that they are in the order of their deadlines.
    private readonly LinkedList<ClientExchange> _waiting = [];

    public int Count => _byToken.Count;

    /// <summary>Who waits for nothing but the answer since the longest time.</summary>
    public ClientExchange? First => _waiting.First?.Value;

    /// <summary>False when another one has this token.</summary>
    public bool TryAdd(ClientExchange exchange) => _byToken.TryAdd((exchange.Peer, exchange.Token), exchange);

    public bool Contains(ClientExchange exchange) => _byToken.ContainsKey((exchange.Peer, exchange.Token));

    public bool TryFind(Peer peer, Token token, [NotNullWhen(true)] out ClientExchange? exchange) =>
        _byToken.TryGetValue((peer, token), out exchange);

    /// <summary>A NON, which a reset names by its message ID.</summary>
    public bool TryFind(Peer peer, MessageId id, [NotNullWhen(true)] out ClientExchange? exchange) =>
        _nonConfirmable.TryGetValue((peer, id), out exchange);

    /// <summary>A NON went out under that ID.</summary>
    public void SetId(ClientExchange exchange, MessageId id) => _nonConfirmable[(exchange.Peer, id)] = exchange;

    /// <summary>From now on it waits for nothing but the answer.</summary>
    public void Await(ClientExchange exchange, long deadline)
    {
        exchange.Deadline = deadline;
        exchange.Place = _waiting.AddLast(exchange);
    }

    public void Remove(ClientExchange exchange)
    {
        _byToken.Remove((exchange.Peer, exchange.Token));
        if (exchange is { Confirmable: false, Id: { } id })
        {
            _nonConfirmable.Remove((exchange.Peer, id));
        }

        if (exchange.Place is { } place)
        {
            _waiting.Remove(place);
            exchange.Place = null;
        }
    }

    /// <summary>Removes all that fulfil a condition, and gives them back.</summary>
    public ClientExchange[] RemoveWhere(Func<ClientExchange, bool> condition)
    {
        ClientExchange[] removed = [.. _byToken.Values.Where(condition)];
        Array.ForEach(removed, Remove);
        return removed;
    }
}
