using System.Net;
using System.Net.Sockets;

namespace Gateway.Coap;

/// <summary>Many datagrams with one call, as Linux can: what has come is taken at once, and answers given meanwhile go out together.</summary>
// Most of what a small request costs is the way into the kernel and back (docs/performance.md).
internal sealed class BatchedSocket : IDatagramSocket
{
    public const int BatchSize = 64;

    private const int LargestDatagram = 65536;

    // What an ICMP message or a signal makes of the next receive: no fault of this socket.
    private static readonly LinuxError[] FromNetwork =
    [
        LinuxError.EINTR, LinuxError.ECONNREFUSED, LinuxError.ECONNRESET, LinuxError.EHOSTUNREACH, LinuxError.EHOSTDOWN,
        LinuxError.ENETUNREACH, LinuxError.ENETRESET, LinuxError.ENETDOWN, LinuxError.EMSGSIZE,
    ];

    // Answers wait for the end of their batch; but not longer than this for handlers that take their time.
    private static readonly TimeSpan MaxHold = TimeSpan.FromMilliseconds(1);

    // Far longer than it takes; for the case that a thread is stuck.
    private static readonly TimeSpan LongestFlush = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly long _maxHold;

    // The receiving thread's own.
    private readonly MessageSlots _incoming;
    private readonly OutgoingBatch _outgoing;
    private int _filled;
    private volatile int _receiver;

    // Those of other threads. Guarded by itself.
    private readonly List<OutgoingBatch> _batches = [];

    /// <summary>Takes over a bound socket, on a system on which <see cref="LinuxSocket.IsUsable"/>.</summary>
    /// <param name="socket">The socket, bound.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    /// <param name="bufferSize">The largest datagram that is taken.</param>
    public BatchedSocket(Socket socket, TimeProvider time, ILogger log, int bufferSize = LargestDatagram)
    {
        (_socket, _time, _log) = (socket, time, log);
        _maxHold = time.TimestampsIn(MaxHold);
        _incoming = new MessageSlots(BatchSize, bufferSize, socket.AddressFamily);
        _outgoing = new OutgoingBatch(socket, log);
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        if (LocalEndPoint.Address.Equals(IPAddress.Any) || LocalEndPoint.Address.Equals(IPAddress.IPv6Any))
        {
            PacketInfo.Ask(socket);
        }
    }

    public IPEndPoint LocalEndPoint { get; }

    public void Receive(IDatagramReceiver receiver)
    {
        _receiver = Environment.CurrentManagedThreadId;
        var count = Fill();
        var flushedAt = _time.GetTimestamp();
        try
        {
            for (var index = 0; index < count; index++)
            {
                HandOver(index, receiver);
                if (_time.GetTimestamp() is var now && now - flushedAt > _maxHold)
                {
                    _outgoing.Flush();
                    flushedAt = now;
                }
            }
        }
        finally
        {
            _outgoing.Flush();
        }
    }

    public void Send(Peer peer, ReadOnlySpan<byte> datagram, bool atOnce = false)
    {
        if (Environment.CurrentManagedThreadId == _receiver)
        {
            _outgoing.Add(peer, datagram);
            if (atOnce)
            {
                _outgoing.Flush();
            }
        }
        else if (!atOnce && SendTogether.BatchOf(this) is { } batch)
        {
            batch.Add(peer, datagram);
        }
        else
        {
            SingleSend.Send(_socket, _log, peer, datagram);
        }
    }

    /// <summary>Whether nothing more is sent.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>A batch for a thread that does not receive; that thread sends it.</summary>
    public OutgoingBatch NewBatch()
    {
        var batch = new OutgoingBatch(_socket, _log);
        lock (_batches)
        {
            _batches.Add(batch);
        }

        return batch;
    }

    // A datagram to itself, as the portable socket does it, could end up at another socket of the same port.
    public void Wake() => LinuxSocket.StopReceiving(_socket.SafeHandle);

    // Answers that another thread is just about to send go out first.
    public void Dispose()
    {
        OutgoingBatch[] batches;
        lock (_batches)
        {
            batches = [.. _batches];
        }

        SpinWait.SpinUntil(() => !batches.Any(batch => batch.IsWaiting), LongestFlush);
        IsDisposed = true;
        _socket.Dispose();
    }

    private unsafe int Fill()
    {
        for (var index = 0; index < _filled; index++)
        {
            _incoming.Reset(index);
        }

        var count = LinuxSocket.ReceiveMany(_socket.SafeHandle, _incoming.Entry(0), BatchSize, LinuxSocket.WaitForOne, null);
        _filled = Math.Max(0, count);
        if (count >= 0)
        {
            return count;
        }

        var error = LinuxSocket.LastError;
        if (!FromNetwork.Contains(error))
        {
            // EAGAIN, ENOBUFS and ENOMEM too: whoever receives rests a little before the next attempt.
            throw new IOException($"recvmmsg reports {error}");
        }

        _log.ReceiveReported(LocalEndPoint, error);
        return 0;
    }

    private unsafe void HandOver(int index, IDatagramReceiver receiver)
    {
        var entry = _incoming.Entry(index);
        if (entry->Header.NameLength == 0)
        {
            // Nobody sent it: it is what a receive gives that was told to return.
            return;
        }

        var told = (entry->Header.Flags & LinuxSocket.ControlTruncated) == 0;
        var arrived = told ? PacketInfo.Read(_incoming.Control(index)[..(int)entry->Header.ControlLength]) : default;
        var peer = Peer.From(_incoming.Name(index), _incoming.Family, arrived.Local);
        if ((entry->Header.Flags & LinuxSocket.Truncated) != 0)
        {
            receiver.Drop(peer, DropReason.TooLarge);
        }
        else if (arrived.ToGroup)
        {
            // RFC 7252 §8.2: whoever answers a group may be one of thousands who do. This server is in none on purpose.
            receiver.Drop(peer, DropReason.ToGroup);
        }
        else
        {
            receiver.Take(peer, _incoming.Buffer(index)[..(int)entry->Length]);
        }
    }
}
