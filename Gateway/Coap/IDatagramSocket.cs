using System.Net;

namespace Gateway.Coap;

/// <summary>What becomes of the datagrams that a socket receives. Only the receiving thread calls it.</summary>
internal interface IDatagramReceiver
{
    /// <summary>Takes a datagram; the bytes hold until it returns. Does not throw.</summary>
    void Take(in Peer peer, ReadOnlySpan<byte> datagram);

    /// <summary>Notes that the socket dropped a datagram.</summary>
    void Drop(in Peer peer, DropReason reason);
}

/// <summary>A bound UDP socket: one datagram at a time as every system has it, or many with one call as Linux does.</summary>
internal interface IDatagramSocket : IDisposable
{
    IPEndPoint LocalEndPoint { get; }

    /// <summary>
    /// Waits until something comes, hands it over, and sends what that was answered with. Only one thread calls it, over and over;
    /// returns now and then without a datagram, and always after <see cref="Wake"/>.
    /// </summary>
    void Receive(IDatagramReceiver receiver);

    /// <summary>Sends from any thread. Within <see cref="Receive"/> it may put the datagram off until the end of that, unless it is to go at once. Does not throw.</summary>
    void Send(Peer peer, ReadOnlySpan<byte> datagram, bool atOnce = false);

    /// <summary>Makes the waiting <see cref="Receive"/> return. Nothing is received after that.</summary>
    void Wake();
}
