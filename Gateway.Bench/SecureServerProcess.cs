using System.Diagnostics;
using System.Net;

namespace Gateway.Bench;

/// <summary>What <see cref="SecureEchoServer"/> has at a moment, its garbage collected.</summary>
/// <param name="Heap">The managed memory, in bytes.</param>
/// <param name="Sessions">How many sessions there are.</param>
/// <param name="Handshakes">How many handshakes are under way.</param>
/// <param name="Forged">How many records were tried and found forged.</param>
/// <param name="HeldBack">How many were not even tried.</param>
internal sealed record SecureServerState(long Heap, long Sessions, long Handshakes, long Forged, long HeldBack);

/// <summary><see cref="SecureEchoServer"/> in a process of its own, so that its time and its memory are nobody else's.</summary>
internal sealed class SecureServerProcess : IDisposable
{
    private readonly Process _process;

    public SecureServerProcess()
    {
        _process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Gateway.Bench.dll"), "serve-secure"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var ports = Numbers();
        Plain = new IPEndPoint(IPAddress.Loopback, (int)ports[0]);
        Secure = new IPEndPoint(IPAddress.Loopback, (int)ports[1]);
    }

    public IPEndPoint Plain { get; }

    public IPEndPoint Secure { get; }

    /// <summary>All processor time that it has taken.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The memory that the system has given it, in bytes.</summary>
    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public SecureServerState Ask()
    {
        _process.StandardInput.WriteLine();
        var numbers = Numbers();
        return new SecureServerState(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private long[] Numbers() =>
        [.. (_process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the server has ended")).Split(' ').Select(text => long.Parse(text, CultureInfo.InvariantCulture))];
}
