using System.CommandLine;
using System.Security.Cryptography;

namespace Gateway.Cli;

/// <summary>The options of all commands that ask a running gateway, and what they have in common: who is asked, how it is shown, and how it ends.</summary>
internal sealed class ClientOptions
{
    private readonly Option<string?> _url = new("--url")
    {
        Description = "Where the management API is, such as http://127.0.0.1:8080. When missing: the environment's GATEWAY_URL, then the configuration.",
    };

    private readonly Option<string?> _key = new("--key", "-k") { Description = "An API key; the environment's GATEWAY_KEY when missing." };
    private readonly Option<FileInfo?> _ca = new("--ca") { Description = "A file of certificates (PEM) to trust instead of the machine's own, for HTTPS; the environment's GATEWAY_CA when missing." };
    private readonly Option<bool> _json = new("--json") { Description = "Writes the gateway's JSON instead of tables." };
    private readonly ConfigurationOptions _configuration = new();

    public void AddTo(Command command)
    {
        command.Options.Add(_url);
        command.Options.Add(_key);
        command.Options.Add(_ca);
        command.Options.Add(_json);
        _configuration.AddTo(command);
    }

    /// <summary>Whether JSON is asked for.</summary>
    public bool IsJson(ParseResult result) => result.GetValue(_json);

    /// <summary>Whether somebody said where the gateway is, other than by the configuration.</summary>
    public bool IsElsewhere(ParseResult result) => UrlOf(result) is not null;

    /// <summary>The configuration, for commands that can do without a running gateway.</summary>
    public Configuration.LoadedConfiguration Load(ParseResult result) => _configuration.Load(result);

    /// <summary>Where results are shown.</summary>
    public Terminal TerminalFor(ParseResult result) => new(result.InvocationConfiguration.Output, result.InvocationConfiguration.Error, IsJson(result));

    /// <summary>Has a command's work done, and says how it ended.</summary>
    public async Task<int> RunAsync(ParseResult result, Func<GatewayClient, Terminal, Task<int>> work)
    {
        var terminal = TerminalFor(result);
        if (AddressFor(result, terminal.Error) is not { } address)
        {
            return ExitCode.Usage;
        }

        try
        {
            using var client = new GatewayClient(
                address,
                result.GetValue(_key) ?? Environment.GetEnvironmentVariable("GATEWAY_KEY"),
                result.GetValue(_ca)?.FullName ?? Environment.GetEnvironmentVariable("GATEWAY_CA"));
            return await work(client, terminal);
        }
        catch (Exception e) when (e is CryptographicException or FileNotFoundException or DirectoryNotFoundException)
        {
            await terminal.Error.WriteLineAsync($"--ca, GATEWAY_CA: {e.Message}");
            return ExitCode.Usage;
        }
        catch (GatewayUnreachableException e)
        {
            await terminal.Error.WriteLineAsync(e.Message);
            return ExitCode.Unreachable;
        }
        catch (GatewayRefusalException e)
        {
            await terminal.Error.WriteLineAsync(terminal.IsJson ? e.Problem.ToJsonString() : Terminal.Printable(e.Message));
            return e.IsDenied ? ExitCode.Denied : ExitCode.Failure;
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C is how following ends.
            return ExitCode.Success;
        }
    }

    private string? UrlOf(ParseResult result) => result.GetValue(_url) ?? Environment.GetEnvironmentVariable("GATEWAY_URL");

    private Uri? AddressFor(ParseResult result, TextWriter error)
    {
        if (UrlOf(result) is { } url)
        {
            if (Uri.TryCreate(url, UriKind.Absolute, out var given) && given.Scheme is "http" or "https")
            {
                return given;
            }

            error.WriteLine($"\"{url}\" is no address of a gateway, such as http://127.0.0.1:8080 (--url, GATEWAY_URL)");
            return null;
        }

        var configuration = Load(result);
        if (!configuration.IsUsable(error))
        {
            return null;
        }

        if (configuration.Settings.Api.Port == 0)
        {
            error.WriteLine("api.port is 0, so nobody knows where the gateway's management API is; say where with --url, or with --set api.port=...");
            return null;
        }

        return GatewayClient.AddressOf(configuration.Settings.Api);
    }
}
