namespace Gateway.Coap;

/// <summary>A request of ours in work. The lock of <see cref="ClientExchanges"/> guards what changes.</summary>
internal sealed class ClientExchange(Peer peer, Token token, bool confirmable)
{
    // Who waits for the answer goes on elsewhere than on the thread that receives.
    private readonly TaskCompletionSource<CoapMessage> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Peer Peer { get; } = peer;

    public Token Token { get; } = token;

    public bool Confirmable { get; } = confirmable;

    /// <summary>The ID of its message; null until that has gone out.</summary>
    public MessageId? Id { get; set; }

    /// <summary>Its place among those that wait for nothing but the answer; null while it is retransmitted.</summary>
    public LinkedListNode<ClientExchange>? Place { get; set; }

    /// <summary>When it waits no longer, in timestamps; only with a <see cref="Place"/>.</summary>
    public long Deadline { get; set; }

    public Task<CoapMessage> Answer => _answer.Task;

    public void Succeed(CoapMessage answer) => _answer.TrySetResult(answer);

    public void Fail(CoapClientException reason) => _answer.TrySetException(reason);
}
