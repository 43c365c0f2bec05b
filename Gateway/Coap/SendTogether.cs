namespace Gateway.Coap;

/// <summary>
/// Lets what a thread sends go out together, by sockets that can do that: the answers to frames that one commit has made safe. A thread that
/// receives does so of itself.
/// </summary>
internal sealed class SendTogether
{
    [ThreadStatic]
    private static SendTogether? _ofThread;

    private readonly List<(BatchedSocket Socket, OutgoingBatch Batch)> _batches = [];
    private bool _isOpen;

    private SendTogether()
    {
    }

    /// <summary>Does the work, and then sends what was sent meanwhile on this thread.</summary>
    public static void Run(Action work)
    {
        var together = _ofThread ??= new SendTogether();
        together._isOpen = true;
        try
        {
            work();
        }
        finally
        {
            together._isOpen = false;
            together.Flush();
        }
    }

    /// <summary>Where the socket's datagrams of this thread are gathered at the moment; null when they are to go one by one.</summary>
    public static OutgoingBatch? BatchOf(BatchedSocket socket) => _ofThread is { _isOpen: true } together ? together.Of(socket) : null;

    private OutgoingBatch Of(BatchedSocket socket)
    {
        // There are as many as endpoints: few, and they stay.
        foreach (var (known, batch) in _batches)
        {
            if (known == socket)
            {
                return batch;
            }
        }

        _batches.RemoveAll(entry => entry.Socket.IsDisposed);
        _batches.Add((socket, socket.NewBatch()));
        return _batches[^1].Batch;
    }

    private void Flush()
    {
        foreach (var (_, batch) in _batches)
        {
            batch.Flush();
        }
    }
}
