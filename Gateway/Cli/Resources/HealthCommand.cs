using System.CommandLine;
using System.Net;
using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary><c>health</c>: whether the gateway takes frames; also for supervisors, which go by the exit code.</summary>
internal static class HealthCommand
{
    public static Command Create()
    {
        var client = new ClientOptions();
        var command = new Command("health", "Shows whether the gateway takes frames, and what is not as it should be. The exit code is 0 while it takes frames, degraded or not.");
        client.AddTo(command);
        command.SetAction((result, cancellation) => client.RunAsync(result, (gateway, terminal) => ShowAsync(gateway, terminal, cancellation)));
        return command;
    }

    private static async Task<int> ShowAsync(GatewayClient gateway, Terminal terminal, CancellationToken cancellation)
    {
        var (health, isTaking) = await AskAsync(gateway, cancellation);
        if (terminal.IsJson)
        {
            terminal.Document(health);
        }
        else
        {
            var checks = from check in health["checks"] as JsonObject ?? [] select (JsonNode)new JsonObject { ["check"] = check.Key, ["status"] = check.Value?["status"]?.DeepClone(), ["description"] = check.Value?["description"]?.DeepClone() };
            terminal.Table([.. checks], ["check", "status", "description"]);
        }

        return isTaking ? ExitCode.Success : ExitCode.Failure;
    }

    // An unhealthy gateway answers 503, with the same document.
    private static async Task<(JsonObject Health, bool IsTaking)> AskAsync(GatewayClient gateway, CancellationToken cancellation)
    {
        try
        {
            return ((await gateway.AskAsync(HttpMethod.Get, "health", null, cancellation))!.AsObject(), true);
        }
        catch (GatewayRefusalException e) when (e.Status is HttpStatusCode.ServiceUnavailable && e.Problem.ContainsKey("checks"))
        {
            return (e.Problem, false);
        }
    }
}
