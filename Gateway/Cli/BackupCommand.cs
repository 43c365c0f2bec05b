using System.CommandLine;
using System.Text.Json;
using Gateway.Api;
using Gateway.Journal;
using Gateway.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Cli;

/// <summary><c>backup</c>: a copy of the journal and of the store, of a gateway that runs or of one that does not.</summary>
internal static class BackupCommand
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    public static Command Create()
    {
        var offline = new Option<bool>("--offline") { Description = "Backs up the files themselves, of a gateway that does not run." };
        var to = new Option<DirectoryInfo?>("--to") { Description = "With --offline, the folder that the backup's folder is made in; backup.path of the configuration when missing." };
        var client = new ClientOptions();
        var command = new Command("backup", "Copies the journal and the store of a running gateway, on its machine and into its backup.path; frames are taken meanwhile.") { offline, to };
        command.Subcommands.Add(new CallCommand(Call.Listing("/backups", "Lists the backups in the gateway's backup.path.", ["folder", "made_at", "last_record", "bytes", "gateway"]) with { List = "backups" }));
        client.AddTo(command);
        command.SetAction((result, cancellation) => result.GetValue(offline) || result.GetValue(to) is not null
            ? OfflineAsync(client, result, result.GetValue(to)?.FullName, cancellation)
            : client.RunAsync(result, (gateway, terminal) => AskAsync(gateway, terminal, cancellation)));
        return command;
    }

    private static async Task<int> AskAsync(GatewayClient gateway, Terminal terminal, CancellationToken cancellation)
    {
        var run = await terminal.ProgressAsync("backup", async tell =>
        {
            var run = await gateway.AskAsync(HttpMethod.Post, "api/v1/backups", null, cancellation);
            while (run!["state"]!.GetValue<string>() == "running")
            {
                tell(run["bytes_done"]!.GetValue<double>(), run["bytes_total"]!.GetValue<double>());
                await Task.Delay(Period, TimeProvider.System, cancellation);
                run = await gateway.AskAsync(HttpMethod.Get, $"api/v1/backups/{run["id"]}", null, cancellation);
            }

            return run;
        });
        if (run["problem"] is { } problem)
        {
            await terminal.Error.WriteLineAsync(problem.ToString());
            return ExitCode.Failure;
        }

        terminal.Document(run["backup"]);
        return ExitCode.Success;
    }

    private static async Task<int> OfflineAsync(ClientOptions client, ParseResult result, string? to, CancellationToken cancellation)
    {
        var terminal = new Terminal(result.InvocationConfiguration.Output, result.InvocationConfiguration.Error, client.IsJson(result));
        var configuration = client.Load(result);
        if (!configuration.IsUsable(terminal.Error))
        {
            return ExitCode.Usage;
        }

        var settings = configuration.Settings;
        if (!File.Exists(settings.Journal.Path))
        {
            await terminal.Error.WriteLineAsync($"there is nothing to back up: {settings.Journal.Path} is not there; name the configuration that does (--config)");
            return ExitCode.Failure;
        }

        try
        {
            // Its lock says whether a gateway runs on the files.
            await using var store = new LiteDbStore(settings.Storage, TimeProvider.System, NullLogger<LiteDbStore>.Instance);
            var maker = new BackupMaker(store, GatewayHost.SourcesOf(settings), TimeProvider.System);
            var (folder, manifest) = await terminal.ProgressAsync(
                "backup", tell => maker.MakeAsync(to ?? settings.Backup.Path, (done, total) => tell(done, total), cancellation));
            terminal.Document(JsonSerializer.SerializeToNode(BackupDocument.Of(folder, manifest), ManagementApi.Json));
            return ExitCode.Success;
        }
        catch (Exception e) when (e is StorageException or JournalFileException)
        {
            await terminal.Error.WriteLineAsync($"{e.Message}. While the gateway runs, leave --offline and --to out: it makes the backup itself");
            return ExitCode.Failure;
        }
    }
}
