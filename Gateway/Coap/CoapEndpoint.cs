using System.Net;

namespace Gateway.Coap;

/// <summary>Owns one socket and the thread that receives from it; feeds a message layer, and sends what that has to say.</summary>
// One thread receives, decodes, looks for duplicates and runs the handler as far as it goes without waiting: each hand-over
// between threads would cost more than the work. Sending is allowed from any thread.
internal sealed class CoapEndpoint : IDatagramReceiver, IDisposable
{
    // How long the loop rests after an error that it doesn't know, so that one that stays does not eat a processor.
    private static readonly TimeSpan RestAfterError = TimeSpan.FromMilliseconds(100);

    // How long the receiving thread may take to notice that it is to end; after that its socket is closed under it.
    private static readonly TimeSpan WakeTime = TimeSpan.FromSeconds(1);

    private readonly IDatagramSocket _socket;
    private readonly ILogger _log;
    private readonly MessageLayer _messages;
    private readonly Thread _receiver;
    private readonly ManualResetEventSlim _closing = new();

    /// <summary>Takes over a socket.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="messages">Makes the message layer that sends through this endpoint.</param>
    /// <param name="log">The log.</param>
    public CoapEndpoint(IDatagramSocket socket, Func<DatagramSender, MessageLayer> messages, ILogger log)
    {
        (_socket, _log) = (socket, log);
        _messages = messages(socket.Send);
        _receiver = new Thread(ReceiveLoop) { Name = $"coap {LocalEndPoint}", IsBackground = true };
    }

    public IPEndPoint LocalEndPoint => _socket.LocalEndPoint;

    /// <summary>Requests that are not answered yet.</summary>
    public int InWork => _messages.InWork;

    public void Start() => _receiver.Start();

    /// <summary>Sends a request from this socket and waits for the answer.</summary>
    /// <exception cref="CoapClientException">There is no answer.</exception>
    public Task<CoapMessage> RequestAsync(Peer peer, CoapMessage request, CancellationToken cancellation) =>
        _messages.RequestAsync(peer, request, cancellation);

    /// <summary>Ends our requests to the peer: it can't be reached.</summary>
    public void FailRequests(Peer peer, CoapClientException reason) => _messages.FailRequests(peer, reason);

    /// <summary>Takes no new requests from now on; done when those in work are answered.</summary>
    public Task DrainAsync() => _messages.DrainAsync();

    public void Dispose()
    {
        _closing.Set();
        _messages.Dispose();
        if (_receiver.IsAlive)
        {
            _socket.Wake();
            _receiver.Join(WakeTime);
        }

        _socket.Dispose();
    }

    private void ReceiveLoop()
    {
        PromptThread.Begin();
        while (!_closing.IsSet)
        {
            try
            {
                _socket.Receive(this);
            }
            catch (Exception exception)
            {
                if (!_closing.IsSet)
                {
                    _log.ReceiveFailed(LocalEndPoint, exception);
                    _closing.Wait(RestAfterError);
                }
            }
        }
    }

    // Datagrams may come many at a time: one that can't be handled must not take the others with it.
    void IDatagramReceiver.Take(in Peer peer, ReadOnlySpan<byte> datagram)
    {
        try
        {
            _messages.Receive(peer, datagram);
        }
        catch (Exception exception)
        {
            _log.DatagramFailed(LocalEndPoint, peer, exception);
        }
    }

    void IDatagramReceiver.Drop(in Peer peer, DropReason reason) => _messages.Drop(peer, reason);
}
