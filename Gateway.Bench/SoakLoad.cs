using System.Diagnostics;
using System.Net.Sockets;

namespace Gateway.Bench;

/// <summary>Many devices at a steady rate. One thread sends, takes what has come, and sends again what got no answer.</summary>
internal sealed class SoakLoad : IDisposable
{
    // A message ID must not come again to the server while it knows the first: 65,536 of them, for 247 seconds, at 20,000 requests a second.
    private const int Devices = 128;

    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(70);

    private readonly SoakDevice[] _devices;
    private readonly List<Socket> _sockets = [];
    private readonly List<Socket> _ready = [];
    private readonly Dictionary<Socket, SoakDevice> _bySocket = [];
    private readonly int _rate;
    private readonly Random _random;
    private long _next;

    /// <param name="port">The server's port on the loopback address.</param>
    /// <param name="rate">Requests a second.</param>
    /// <param name="random">Which of them are followed by something else.</param>
    public SoakLoad(int port, int rate, Random random)
    {
        (_rate, _random) = (rate, random);
        _devices = [.. Enumerable.Range(0, Devices).Select(_ => new SoakDevice(port, random))];
        foreach (var device in _devices)
        {
            _bySocket.Add(device.Socket, device);
            _sockets.Add(device.Socket);
        }
    }

    /// <summary>Requests sent, each counted once.</summary>
    public long Sent => Sum(device => device.Sent);

    /// <summary>Those of them that were answered.</summary>
    public long Answered => Sum(device => device.Answered);

    /// <summary>Datagrams sent again, because no answer came in time.</summary>
    public long Again => Sum(device => device.Again);

    /// <summary>Requests that were never answered.</summary>
    public long Lost => Sum(device => device.Lost);

    /// <summary>Answers to duplicates.</summary>
    public long Duplicates => Sum(device => device.Duplicates);

    /// <summary>Datagrams that were no message.</summary>
    public long Malformed => Sum(device => device.Malformed);

    /// <summary>Bodies begun in blocks and never finished.</summary>
    public long Begun => Sum(device => device.Begun);

    /// <summary>Answers with another code than they should have, or other bytes than the first time.</summary>
    public long Wrong => Sum(device => device.Wrong);

    /// <summary>Sends for so long.</summary>
    public void Run(TimeSpan length)
    {
        var started = Stopwatch.GetTimestamp();
        var sent = 0L;
        for (var elapsed = TimeSpan.Zero; elapsed < length; elapsed = Stopwatch.GetElapsedTime(started))
        {
            for (var due = (long)(elapsed.TotalSeconds * _rate); sent < due; sent++)
            {
                SendNext();
            }

            Take();
            Repeat();
        }
    }

    /// <summary>Waits until every request is answered or lost.</summary>
    public void Settle()
    {
        var started = Stopwatch.GetTimestamp();
        while (_devices.Any(device => device.Outstanding > 0) && Stopwatch.GetElapsedTime(started) < SettleTime)
        {
            Take();
            Repeat();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_devices, device => device.Dispose());

    private void SendNext()
    {
        var device = _devices[_next++ % Devices];
        switch (_random.Next(100))
        {
            case < 5:
                device.Send(twice: true);
                break;
            case 5:
                device.SendMalformed();
                device.Send();
                break;
            case 6:
                device.BeginBody();
                break;
            default:
                device.Send();
                break;
        }
    }

    private void Take()
    {
        _ready.Clear();
        _ready.AddRange(_sockets);
        Socket.Select(_ready, null, null, TimeSpan.FromMilliseconds(1));
        foreach (var socket in _ready)
        {
            _bySocket[socket].Take();
        }
    }

    private void Repeat()
    {
        foreach (var device in _devices)
        {
            device.Repeat();
        }
    }

    private long Sum(Func<SoakDevice, long> count) => _devices.Sum(count);
}
