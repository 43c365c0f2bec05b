using System.CommandLine;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary><c>events</c>: what happens, as it happens.</summary>
internal static class EventsCommand
{
    /// <summary>Where events come from.</summary>
    public const string Path = "/events";

    // A gateway that restarts is away for a moment.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var device = new Option<string?>("--device", "-d") { Description = "Only what happens with this device." };
        var kind = new Option<string?>("--kind") { Description = "Only these kinds, with commas: exchange, reading, command, script." };
        var once = new Option<bool>("--once") { Description = "Ends when the connection does, instead of going on with a new one." };
        var client = new ClientOptions();
        var command = new Command("events", "Shows exchanges, readings, steps of commands and changes of scripts as they happen, until it is stopped. After a break readings and commands go on where they were.") { device, kind, once };
        client.AddTo(command);
        command.SetAction((result, cancellation) => client.RunAsync(result, (gateway, terminal) =>
            FollowAsync(CallInput.With(CallInput.With("api/v1" + Path, "device", result.GetValue(device)), "kind", result.GetValue(kind)), result.GetValue(once), gateway, terminal, cancellation)));
        return command;
    }

    private static async Task<int> FollowAsync(string path, bool once, GatewayClient gateway, Terminal terminal, CancellationToken cancellation)
    {
        var (last, isConnected) = ("", false);
        while (true)
        {
            try
            {
                var ask = new GatewayRequest(HttpMethod.Get, path, Headers: last.Length > 0 ? [KeyValuePair.Create("Last-Event-ID", last)] : []);
                last = await gateway.SendAsync(
                    ask,
                    async response =>
                    {
                        isConnected = true;
                        return await ShowAsync(response, last, terminal, cancellation);
                    },
                    cancellation);
            }
            catch (GatewayUnreachableException e) when (isConnected && !once)
            {
                await terminal.Error.WriteLineAsync(e.Message);
            }

            if (once)
            {
                return ExitCode.Success;
            }

            await Task.Delay(Pause, TimeProvider.System, cancellation);
        }
    }

    private static async Task<string> ShowAsync(HttpResponseMessage response, string last, Terminal terminal, CancellationToken cancellation)
    {
        var parser = SseParser.Create(await response.Content.ReadAsStreamAsync(cancellation));
        try
        {
            await foreach (var item in parser.EnumerateAsync(cancellation))
            {
                await terminal.Output.WriteLineAsync(terminal.IsJson ? JsonOf(item) : Terminal.Printable($"{item.EventType,-8} {item.Data}"));
                await terminal.Output.FlushAsync(cancellation);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            await terminal.Error.WriteLineAsync($"the connection broke: {e.Message}");
        }

        return parser.LastEventId is { Length: > 0 } id ? id : last;
    }

    private static string JsonOf(SseItem<string> item)
    {
        JsonNode? data;
        try
        {
            data = JsonNode.Parse(item.Data);
        }
        catch (JsonException)
        {
            data = item.Data;
        }

        return new JsonObject { ["event"] = item.EventType, ["id"] = item.EventId, ["data"] = data }.ToJsonString();
    }
}
