using System.Diagnostics;

namespace Gateway.Tests.Support;

/// <summary>libcoap's command-line client, where it is installed.</summary>
internal static class LibcoapClient
{
    // What the package calls it differs between distributions; any of them speaks CoAP over UDP.
    private static readonly string[] Builds = ["", "-notls", "-openssl", "-gnutls"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Runs it; returns all that it printed. Without it the test is skipped, except where tests must be whole: in CI it fails.</summary>
    public static async Task<string> RunAsync(string uri, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Find("client"), ["-B", "20", .. arguments, uri])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (await output + await errors).Trim();
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new AssertionException($"{process.StartInfo.FileName} did not end within {Patience.TotalSeconds} s");
        }
    }

    /// <summary>Where its <c>client</c> or <c>server</c> is.</summary>
    public static string Find(string part)
    {
        string[] names = [.. Builds.Select(build => $"coap-{part}{build}")];
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var found = names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        if (found is null)
        {
            var reason = $"libcoap's {part} is not installed: none of {string.Join(", ", names)} is on the PATH (Debian: apt install libcoap3-bin)";
            if (Environment.GetEnvironmentVariable("CI") == "true")
            {
                Assert.Fail(reason);
            }

            Assert.Ignore(reason);
        }

        return found!;
    }
}
