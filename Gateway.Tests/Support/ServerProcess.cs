using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Tests.Support;

/// <summary>A server of another make that a test starts, stops and starts again, on a port of the loopback address.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const int MaxLines = 200;

    // Debian keeps servers where only root's PATH looks.
    private static readonly string[] MoreFolders = ["/usr/sbin", "/usr/local/sbin"];

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Process _process;

    private ServerProcess(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Remember(line.Data);
        _process.ErrorDataReceived += (_, line) => Remember(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where a program is. Without it the test is skipped, except where tests must be whole: in CI it fails.</summary>
    public static string Find(string program, string package, params string[] folders)
    {
        string[] all = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), .. MoreFolders, .. folders];
        return all.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists)
            ?? Missing($"{program} is not installed (Debian: apt install {package})");
    }

    /// <summary>Starts it, and waits until its port answers.</summary>
    public static async Task<ServerProcess> StartAsync(int port, string program, params string[] arguments)
    {
        var server = new ServerProcess(new ProcessStartInfo(program, arguments));
        try
        {
            await Eventually.HoldsAsync(() => server.AnswersAsync(port), $"{Path.GetFileName(program)} listens");
            return server;
        }
        catch (AssertionException)
        {
            server.Dispose();
            throw new AssertionException($"{program} did not start:\n{string.Join('\n', server._lines)}");
        }
    }

    /// <summary>Sends it a signal, such as <c>TERM</c>, and waits until it is gone.</summary>
    public async Task StopAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync().WaitAsync(Eventually.Limit);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static string Missing(string reason)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail(reason);
        }

        Assert.Ignore(reason);
        return "";
    }

    private async Task<bool> AnswersAsync(int port)
    {
        if (_process.HasExited)
        {
            throw new AssertionException("it has ended");
        }

        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Remember(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
            if (_lines.Count > MaxLines)
            {
                _lines.TryDequeue(out _);
            }
        }
    }
}
