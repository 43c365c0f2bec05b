using System.Net;

namespace Gateway.Coap;

/// <summary>
/// A client's connections: one to each server that it asks, kept for the next request. Bounded: for one more, the one that was
/// not used for the longest time is closed. May be called from any thread.
/// </summary>
internal sealed class ClientConnections(Func<IPEndPoint, bool, ClientConnection> open) : IDisposable
{
    public const int Max = 32;

    private readonly Lock _gate = new();

    // Guarded by _gate; the one that was used last stands last.
    private readonly List<ClientConnection> _connections = [];
    private bool _closed;

    /// <summary>The connection to the server, which is the caller's until it is <see cref="Return">returned</see>.</summary>
    /// <param name="server">Where it is.</param>
    /// <param name="secure">Whether over DTLS.</param>
    /// <exception cref="CoapClientException">All connections are in use, or they are closed.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">There is no way to such an address.</exception>
    public ClientConnection Rent(IPEndPoint server, bool secure)
    {
        ClientConnection? unused = null;
        try
        {
            lock (_gate)
            {
                if (_closed)
                {
                    throw new CoapClientException(CoapClientError.Closed, "the client is closed");
                }

                var connection = _connections.Find(candidate => candidate.IsSecure == secure && candidate.Server.Equals(server));
                if (connection is not null)
                {
                    _connections.Remove(connection);
                }
                else
                {
                    unused = MakeRoom();

                    // Under the lock all the same: to open a UDP socket is to wait for nobody.
                    connection = open(server, secure);
                }

                connection.Users++;
                _connections.Add(connection);
                return connection;
            }
        }
        finally
        {
            unused?.Dispose();
        }
    }

    public void Return(ClientConnection connection)
    {
        lock (_gate)
        {
            connection.Users--;
        }
    }

    /// <summary>Closes them all; requests in work end without an answer.</summary>
    public void Dispose()
    {
        ClientConnection[] connections;
        lock (_gate)
        {
            _closed = true;
            connections = [.. _connections];
            _connections.Clear();
        }

        Array.ForEach(connections, connection => connection.Dispose());
    }

    // Under _gate. Returns what is to be closed.
    private ClientConnection? MakeRoom()
    {
        if (_connections.Count < Max)
        {
            return null;
        }

        var unused = _connections.Find(connection => connection.Users == 0)
            ?? throw new CoapClientException(CoapClientError.Busy, $"requests to {Max} servers are in work already");
        _connections.Remove(unused);
        return unused;
    }
}
