using System.CommandLine;
using System.Text.Json.Nodes;
using Gateway.Configuration;

namespace Gateway.Cli;

/// <summary><c>doctor</c>: whether this machine lets the gateway do its work, and what to do where it does not.</summary>
internal static class DoctorCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Writes JSON." };
        var options = new ConfigurationOptions();
        var command = new Command("doctor", "Looks at ports, buffers, processors, clock, disks, file rights, scripts, certificates and keys, and says what to do. Run it as the gateway's user. The exit code is 1 when something is wrong that keeps the gateway from its work.") { json };
        options.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            var terminal = new Terminal(result.InvocationConfiguration.Output, result.InvocationConfiguration.Error, result.GetValue(json));
            var configuration = options.Load(result);
            if (!configuration.IsUsable(terminal.Error))
            {
                return ExitCode.Usage;
            }

            var findings = await terminal.ProgressAsync("look", async _ => await LookAsync(configuration, cancellation));
            Show(findings, terminal);
            return findings.Any(finding => finding.State is FindingState.Problem) ? ExitCode.Failure : ExitCode.Success;
        });
        return command;
    }

    private static async Task<List<Finding>> LookAsync(LoadedConfiguration configuration, CancellationToken cancellation)
    {
        var (settings, now) = (configuration.Settings, TimeProvider.System.GetUtcNow());
        var isRunning = await IsRunningAsync(settings.Api, cancellation);
        return
        [
            Finding.Good("gateway.json", configuration.File is null ? "none here: the built-in configuration is used" : $"{configuration.Name} can be used"),
            .. NetworkLook.Run(settings, isRunning),
            .. ShareLook.Run(),
            .. ClockLook.Run(now),
            .. DiskLook.Run(settings),
            .. FileLook.Run(configuration, now),
            .. KeyLook.Run(settings, now),
            .. DtlsLook.Run(settings, now),
        ];
    }

    private static async Task<bool> IsRunningAsync(ApiSettings api, CancellationToken cancellation)
    {
        if (api.Port == 0)
        {
            return false;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        using var client = new GatewayClient(GatewayClient.AddressOf(api), null);
        try
        {
            return await client.SendAsync(new GatewayRequest(HttpMethod.Get, "health"), _ => Task.FromResult(true), patience.Token);
        }
        catch (GatewayRefusalException)
        {
            return true;
        }
        catch (Exception e) when (e is GatewayUnreachableException or OperationCanceledException)
        {
            return false;
        }
    }

    private static void Show(List<Finding> findings, Terminal terminal)
    {
        var rows = new JsonArray([.. findings.OrderByDescending(finding => finding.State).Select(finding => (JsonNode)new JsonObject
        {
            ["state"] = finding.State switch
            {
                FindingState.Good => "ok",
                FindingState.Warning => "warning",
                _ => "problem",
            },
            ["subject"] = finding.Subject,
            ["fact"] = finding.Fact,
            ["advice"] = finding.Advice,
        })]);
        terminal.Table(rows, [new("", "state"), new("what", "subject"), new("found", "fact"), new("what to do", "advice")]);
    }
}
