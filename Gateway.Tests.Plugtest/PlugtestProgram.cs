using System.Diagnostics.Metrics;
using System.Globalization;
using Gateway.Coap;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Plugtest;

/// <summary>The plugtest server by hand: <c>dotnet run --project Gateway.Tests.Plugtest -- [port]</c>.</summary>
internal static class PlugtestProgram
{
    private const int DefaultPort = 5683;

    /// <summary>Serves until it is interrupted. 1 when it can't listen, 2 when it was called wrongly.</summary>
    private static async Task<int> Main(string[] arguments)
    {
        if (!TryReadPort(arguments, out var port))
        {
            await Console.Error.WriteLineAsync("usage: dotnet run --project Gateway.Tests.Plugtest -- [port from 0 to 65535; 0 picks a free one]");
            return 2;
        }

        await using var services = new ServiceCollection()
            .AddMetrics()
            .AddLogging(logging => logging.AddSimpleConsole(console => console.SingleLine = true))
            .BuildServiceProvider();
        using var site = new PlugtestSite(TimeProvider.System);
        using var server = new CoapServer(
            site,
            // ETSI's clients are older than Echo (RFC 9175).
            new CoapSettings { Port = port, AmplificationFactor = 0 },
            TimeProvider.System,
            new Random(),
            new CoapMetrics(services.GetRequiredService<IMeterFactory>()),
            services.GetRequiredService<ILogger<CoapServer>>());
        site.Changed += server.Notify;
        try
        {
            await server.StartAsync(CancellationToken.None);
        }
        catch (CoapBindException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }

        var interrupted = new TaskCompletionSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            interrupted.TrySetResult();
        };
        Console.WriteLine($"The plugtest resources are at {string.Join(", ", server.LocalEndPoints.Select(endPoint => $"coap://{endPoint}"))}. Ctrl-C ends it.");
        await interrupted.Task;
        await server.StopAsync(CancellationToken.None);
        return 0;
    }

    private static bool TryReadPort(string[] arguments, out int port)
    {
        port = DefaultPort;
        return arguments.Length == 0
            || (arguments.Length == 1 && int.TryParse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65535);
    }
}
