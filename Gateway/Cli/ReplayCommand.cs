using System.CommandLine;
using System.Text.Json;
using Gateway.Api;

namespace Gateway.Cli;

/// <summary><c>replay</c>: has the gateway that runs read frames again, and shows how far it is.</summary>
internal static class ReplayCommand
{
    private const string Instant = "an instant such as 2026-01-31T12:00Z, or how long ago, such as 90s, 15m, 2h or 7d";

    public static Command Create()
    {
        var since = InstantOption("--since", "-s", "Only frames that were received since");
        var until = InstantOption("--until", "-u", "Only frames that were received before");
        var profile = new Option<string?>("--profile", "-p") { Description = "Only frames that came on a route of this profile." };
        var device = new Option<string?>("--device", "-d") { Description = "Only frames of this device." };
        var all = new Option<bool>("--all", "-a") { Description = "Reads frames again too that have been read, after a script was corrected; without it, only dead letters." };
        var dryRun = new Option<bool>("--dry-run", "-n") { Description = "Only tells what would become of the frames." };
        var options = new ClientOptions();
        var command = new Command("replay", "Has the running gateway read kept frames again by their present scripts, and shows how far it is. Ctrl+C ends it. The exit code is 0 when no frame failed, otherwise 1.")
        {
            since, until, profile, device, all, dryRun,
        };
        options.AddTo(command);
        command.SetAction((result, cancellation) =>
        {
            var now = TimeProvider.System.GetUtcNow();
            var request = new ReplayDocument
            {
                Since = result.GetValue(since) is { } from ? JournalFilter.SinceOf(from, now) : null,
                Until = result.GetValue(until) is { } to ? JournalFilter.SinceOf(to, now) : null,
                Profile = result.GetValue(profile),
                Device = result.GetValue(device),
                All = result.GetValue(all),
                DryRun = result.GetValue(dryRun),
            };
            return options.RunAsync(result, (gateway, terminal) => RunAsync(gateway, terminal, request, cancellation));
        });
        return command;
    }

    private static Option<string?> InstantOption(string name, string alias, string meaning)
    {
        var option = new Option<string?>(name, alias) { Description = $"{meaning}: {Instant}." };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && JournalFilter.SinceOf(text, TimeProvider.System.GetUtcNow()) is null)
            {
                result.AddError($"{name}: {Instant} is expected");
            }
        });
        return option;
    }

    private static async Task<int> RunAsync(GatewayClient gateway, Terminal terminal, ReplayDocument request, CancellationToken cancellation)
    {
        var last = await terminal.ProgressAsync("replay", tell => new ReplayClient(gateway, TimeProvider.System).RunAsync(request, status => Tell(status, terminal, tell), cancellation));
        if (terminal.IsJson)
        {
            terminal.Document(JsonSerializer.SerializeToNode(last, ManagementApi.Json));
        }
        else
        {
            await terminal.Output.WriteAsync(ReplayText.Result(last));
        }

        return last is { State: Uplink.ReplayState.Completed, Failed: 0 } ? ExitCode.Success : ExitCode.Failure;
    }

    // Where no bar can be drawn, each status is a line.
    private static void Tell(ReplayStatus status, Terminal terminal, Action<double, double> bar)
    {
        bar(status.Read, status.Total);
        if (!terminal.IsJson && !terminal.DrawsBars)
        {
            terminal.Output.WriteLine(ReplayText.Progress(status));
        }
    }
}
