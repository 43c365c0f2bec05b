using System.Diagnostics;
using System.Globalization;
using Gateway.Coap;

namespace Gateway.Tests.Support;

/// <summary>libcoap's example server on a free port of the loopback address, where it is installed.</summary>
internal sealed class LibcoapServer : IDisposable
{
    private const int MaxNewResources = 100;

    private readonly Process _process;

    private LibcoapServer(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>Starts it, and waits until it answers. Without it the test is skipped, except where tests must be whole: in CI it fails.</summary>
    public static async Task<LibcoapServer> StartAsync(params string[] arguments)
    {
        var port = FreePort.Udp();
        string[] all =
        [
            "-A", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture),
            "-d", MaxNewResources.ToString(CultureInfo.InvariantCulture), .. arguments,
        ];
        var process = Process.Start(new ProcessStartInfo(LibcoapClient.Find("server"), all) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new LibcoapServer(process, port);
        using var client = new CoapClient(TimeProvider.System, new Random(1));
        await Eventually.HoldsAsync(() => AnswersAsync(client, server), "libcoap's server answers");
        return server;
    }

    public CoapUri Uri(string path) => CoapUri.TryParse(string.Create(CultureInfo.InvariantCulture, $"coap://127.0.0.1:{Port}{path}"), out var uri, out var problem)
        ? uri
        : throw new ArgumentException(problem);

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static async Task<bool> AnswersAsync(CoapClient client, LibcoapServer server)
    {
        try
        {
            return (await client.SendAsync(new ClientRequest(CoapCode.Get, server.Uri("/")), CancellationToken.None)).Code == CoapCode.Content;
        }
        catch (CoapClientException exception) when (exception.Error == CoapClientError.Unreachable)
        {
            return false;
        }
    }
}
