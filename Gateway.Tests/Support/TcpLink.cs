using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Tests.Support;

/// <summary>
/// A wire to a server that breaks where the test says: when so many bytes have gone towards the server, what is on the way is lost, the
/// test does to the server what it likes, and the connection is cut.
/// </summary>
internal sealed class TcpLink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<(long AtBytes, Func<Task> Disturb)> _breaks;
    private readonly ConcurrentBag<Task> _wires = [];
    private readonly ConcurrentDictionary<TcpClient, byte> _connected = [];
    private readonly Task _accepting;
    private readonly int _target;
    private long _bytes;
    private int _broken;

    public TcpLink(int target, params (long AtBytes, Func<Task> Disturb)[] breaks)
    {
        (_target, _breaks) = (target, new ConcurrentQueue<(long, Func<Task>)>(breaks));
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How often it has broken.</summary>
    public int Broken => Volatile.Read(ref _broken);

    public long Bytes => Interlocked.Read(ref _bytes);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    public async ValueTask DisposeAsync()
    {
        await CutAsync();
        _end.Dispose();
    }

    /// <summary>Cuts what is connected now; what comes next is let through.</summary>
    public void Break()
    {
        foreach (var client in _connected.Keys)
        {
            client.Close();
        }

        Interlocked.Increment(ref _broken);
    }

    /// <summary>Cuts what is connected, for good.</summary>
    public async Task CutAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_wires);
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            _wires.Add(ConnectAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
    }

    private async Task ConnectAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                _connected.TryAdd(client, 0);
                await server.ConnectAsync(IPAddress.Loopback, _target, _end.Token);
                await Task.WhenAny(ForwardAsync(client, server, breaks: true), ForwardAsync(server, client, breaks: false));
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                client.Close();
            }
            finally
            {
                _connected.TryRemove(client, out _);
            }
        }
    }

    private async Task ForwardAsync(TcpClient from, TcpClient to, bool breaks)
    {
        var buffer = new byte[2048];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, _end.Token) is > 0 and var read)
            {
                if (breaks && await BreaksAsync(read))
                {
                    return;
                }

                await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _end.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            from.Close();
        }
    }

    private async Task<bool> BreaksAsync(int bytes)
    {
        var total = Interlocked.Add(ref _bytes, bytes);
        if (!_breaks.TryPeek(out var next) || total < next.AtBytes || !_breaks.TryDequeue(out next))
        {
            return false;
        }

        await next.Disturb();
        Interlocked.Increment(ref _broken);
        return true;
    }
}
