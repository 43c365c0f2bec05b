using System.Net.Sockets;

namespace Gateway.Coap;

/// <summary>Answers that are gathered to be sent with one call. Of one thread.</summary>
internal sealed class OutgoingBatch(Socket socket, ILogger log)
{
    // Nearly all answers are some ten bytes long.
    private const int SlotSize = 2048;

    private readonly MessageSlots _slots = new(BatchedSocket.BatchSize, SlotSize, socket.AddressFamily);
    private readonly Peer[] _peers = new Peer[BatchedSocket.BatchSize];
    private readonly int[] _lengths = new int[BatchedSocket.BatchSize];
    private volatile int _count;

    /// <summary>Whether something waits to be sent. Any thread may ask.</summary>
    public bool IsWaiting => _count > 0;

    public void Add(Peer peer, ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length > SlotSize)
        {
            // It goes by itself, and still in its order.
            Flush();
            SingleSend.Send(socket, log, peer, datagram);
            return;
        }

        if (_count == _slots.Count)
        {
            Flush();
        }

        peer.WriteTo(_slots.Name(_count), _slots.Family);
        datagram.CopyTo(_slots.Buffer(_count));
        _slots.SetLengths(_count, datagram.Length, PacketInfo.Write(_slots.Control(_count), peer, _slots.Family));
        (_peers[_count], _lengths[_count]) = (peer, datagram.Length);
        _count++;
    }

    /// <summary>Sends what was gathered. To the peer, what can't be sent is a lost datagram: it will ask again.</summary>
    public void Flush()
    {
        if (_count == 0)
        {
            return;
        }

        try
        {
            Send();
        }
        catch (ObjectDisposedException)
        {
            log.SendFailed(_peers[0], _lengths[0], LinuxError.ESHUTDOWN);
        }

        _count = 0;
    }

    private unsafe void Send()
    {
        var next = 0;
        while (next < _count)
        {
            // sendmmsg(2): it stops at the first that fails, and reports the error when that one is the first of the next call.
            var sent = LinuxSocket.SendMany(socket.SafeHandle, _slots.Entry(next), (uint)(_count - next), 0);
            if (sent > 0)
            {
                next += sent;
            }
            else if (LinuxSocket.LastError is var error && error != LinuxError.EINTR)
            {
                OnFailed(next++, error);
            }
        }
    }

    private void OnFailed(int index, LinuxError error)
    {
        if (SingleSend.BlamesSource(_peers[index], error))
        {
            SingleSend.Send(socket, log, _peers[index] with { Local = 0 }, _slots.Buffer(index)[.._lengths[index]]);
        }
        else
        {
            log.SendFailed(_peers[index], _lengths[index], error);
        }
    }
}
