using Org.BouncyCastle.Tls;

namespace Gateway.Coap.Dtls;

/// <summary>A way for one handshake of a client: one thread shakes hands, others bring what comes.</summary>
/// <param name="send">Sends a datagram; called from the thread that shakes hands.</param>
internal sealed class ClientTransport(Action<ReadOnlyMemory<byte>> send) : DatagramTransport
{
    private const int LargestHeard = 1 << 14;

    // What every way carries that IPv6 goes over (RFC 8200 §5), less its heads.
    private const int LargestSaid = 1232;

    // More than a server's whole flight; what comes beyond it is lost, and comes again.
    private const int MaxWaiting = 64;

    // Its own lock guards it, and who waits for a datagram waits at it.
    private readonly Queue<byte[]> _heard = new();
    private CoapClientException? _failure;

    /// <summary>Why it can't go on; null when it can.</summary>
    public CoapClientException? Failure => Volatile.Read(ref _failure);

    /// <summary>The number of the first protected record that was not sent yet.</summary>
    public ulong NextSequence { get; private set; }

    /// <summary>Takes a datagram that has come, from any thread.</summary>
    public void Hear(ReadOnlySpan<byte> datagram)
    {
        lock (_heard)
        {
            if (_heard.Count < MaxWaiting)
            {
                _heard.Enqueue(datagram.ToArray());
                Monitor.Pulse(_heard);
            }
        }
    }

    /// <summary>Ends the handshake, from any thread.</summary>
    public void Fail(CoapClientException reason)
    {
        lock (_heard)
        {
            _failure ??= reason;
            Monitor.Pulse(_heard);
        }
    }

    public int GetReceiveLimit() => LargestHeard;

    public int GetSendLimit() => LargestSaid;

    public int Receive(byte[] buf, int off, int len, int waitMillis) => Receive(buf.AsSpan(off, len), waitMillis);

    public int Receive(Span<byte> buffer, int waitMillis)
    {
        byte[]? datagram;
        lock (_heard)
        {
            if (_heard.Count == 0 && _failure is null)
            {
                Monitor.Wait(_heard, waitMillis);
            }

            if (_failure is not null)
            {
                throw new EndOfStreamException(_failure.Message);
            }

            if (!_heard.TryDequeue(out datagram))
            {
                return -1;
            }
        }

        var length = Math.Min(datagram.Length, buffer.Length);
        datagram.AsSpan(0, length).CopyTo(buffer);
        return length;
    }

    public void Send(byte[] buf, int off, int len) => Send(buf.AsSpan(off, len));

    public void Send(ReadOnlySpan<byte> buffer)
    {
        var (epoch, sequence) = Record.NumbersOf(buffer);
        if (epoch == Association.Epoch)
        {
            NextSequence = Math.Max(NextSequence, sequence + 1);
        }

        send(buffer.ToArray());
    }

    // The socket below is for the session that comes of it.
    public void Close()
    {
    }
}
