using System.Diagnostics;
using Gateway.Tests.Support;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>A client of another make, run to its end.</summary>
internal static class OtherClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    /// <summary>libcoap's client with OpenSSL or GnuTLS; gives all that it printed.</summary>
    public static Task<string> LibcoapAsync(string library, string uri, params string[] arguments) =>
        RunAsync(ServerProcess.Find($"coap-client-{library}", "libcoap3-bin"), "", ["-B", "10", .. arguments, uri]);

    /// <summary>OpenSSL's client, which sends the text and ends.</summary>
    public static Task<string> OpenSslAsync(string input, params string[] arguments) =>
        RunAsync(ServerProcess.Find("openssl", "openssl"), input, ["s_client", "-dtls1_2", .. arguments]);

    private static async Task<string> RunAsync(string program, string input, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), patience.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(patience.Token);
            return (await output + await errors).Trim();
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new AssertionException($"{program} did not end within {Patience.TotalSeconds} s");
        }
    }
}
