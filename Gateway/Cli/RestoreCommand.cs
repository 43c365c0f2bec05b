using System.CommandLine;
using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.Storage;

namespace Gateway.Cli;

/// <summary><c>restore</c>: puts a backup in the place of the configuration's files.</summary>
internal static class RestoreCommand
{
    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "The backup: the folder with backup.json in it." };
        var check = new Option<bool>("--check") { Description = "Only reads the backup, and says whether it is whole." };
        var force = new Option<bool>("--force") { Description = "Moves files that are there already aside, instead of leaving all as it is." };
        var keep = new Option<bool>("--keep-identity")
        {
            Description = "The journal keeps its identity. Only where the gateway took nothing after the backup, such as when it moves to another machine: else receivers take new messages for old ones.",
        };
        var json = new Option<bool>("--json") { Description = "Writes JSON." };
        var options = new ConfigurationOptions();
        var command = new Command("restore", "Checks a backup and puts it where the configuration has its journal and its store. No gateway may run there. Nothing is overwritten.") { folder, check, force, keep, json };
        options.AddTo(command);
        command.SetAction((result, cancellation) =>
        {
            var terminal = new Terminal(result.InvocationConfiguration.Output, result.InvocationConfiguration.Error, result.GetValue(json));
            var configuration = options.Load(result);
            return !configuration.IsUsable(terminal.Error)
                ? Task.FromResult(ExitCode.Usage)
                : RunAsync(result.GetValue(folder)!.FullName, configuration.Settings, new Wishes(result.GetValue(check), result.GetValue(force), result.GetValue(keep)), terminal, cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(string folder, GatewaySettings settings, Wishes wishes, Terminal terminal, CancellationToken cancellation)
    {
        try
        {
            var manifest = BackupManifest.Read(folder);
            var problems = await terminal.ProgressAsync("check", _ => Task.Run(() => BackupCheck.Run(folder, manifest, TimeProvider.System, cancellation), cancellation));
            if (problems.Count > 0)
            {
                await terminal.Error.WriteLineAsync($"the backup {folder} is damaged, and nothing has been changed:");
                await terminal.Error.WriteLineAsync(string.Join('\n', problems.Select(problem => $"  {problem}")));
                return ExitCode.Failure;
            }

            var report = wishes.OnlyCheck ? null
                : await terminal.ProgressAsync("restore", _ => Task.Run(() => new Restore(GatewayHost.SourcesOf(settings), TimeProvider.System).Run(folder, manifest, wishes.MoveAside, wishes.KeepIdentity), cancellation));
            Show(folder, manifest, settings, report, terminal);
            return ExitCode.Success;
        }
        catch (StorageException e)
        {
            await terminal.Error.WriteLineAsync(e.Message);
            return ExitCode.Failure;
        }
    }

    private static void Show(string folder, BackupManifest manifest, GatewaySettings settings, RestoreReport? report, Terminal terminal)
    {
        var document = new JsonObject { ["backup"] = folder, ["made_at"] = manifest.MadeAt, ["last_record"] = manifest.LastRecord, ["whole"] = true };
        if (report is not null)
        {
            document["journal"] = settings.Journal.Path;
            document["store"] = settings.Storage.Path;
            document["journal_id"] = report.JournalId;
            document["moved_aside"] = new JsonArray([.. report.Aside.Values.Select(path => (JsonNode)path)]);
        }

        terminal.Document(document);
    }

    private sealed record Wishes(bool OnlyCheck, bool MoveAside, bool KeepIdentity);
}
