using System.ComponentModel;
using Gateway.Access;
using Gateway.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary><c>/api/v1/backups</c></summary>
internal static class BackupEndpoints
{
    public static void MapBackups(this IEndpointRouteBuilder api)
    {
        var backups = api.MapGroup("/backups").WithTags("Backups");
        backups.MapGet("", List).For(Role.Viewer)
            .WithName("ListBackups").WithSummary("The backups in the folder of backup.path, and those that were asked for since the start; the latest first.");
        backups.MapPost("", Make).For(Role.Admin)
            .WithName("MakeBackup").WithSummary("Begins a backup of the journal and of the store, or gives the one that is under way. Frames are taken meanwhile.");
        backups.MapGet("/{id}", Find).For(Role.Viewer).ProducesProblem(404)
            .WithName("GetBackup").WithSummary("How far a backup is that was asked for since the start.");
    }

    private static Ok<BackupList> List(Backups backups) => TypedResults.Ok(new BackupList
    {
        Backups = [.. backups.List().Select(backup => BackupDocument.Of(backup.Folder, backup.Manifest))],
        Runs = [.. backups.Runs.Select(BackupRunDocument.Of)],
    });

    private static Accepted<BackupRunDocument> Make(Backups backups)
    {
        var (run, _) = backups.Start();
        return TypedResults.Accepted($"/api/v1/backups/{run.Id}", BackupRunDocument.Of(run));
    }

    private static Results<Ok<BackupRunDocument>, ProblemHttpResult> Find(string id, Backups backups) =>
        backups.Find(id) is { } run ? TypedResults.Ok(BackupRunDocument.Of(run)) : Problems.NotFound($"backup {id} is not known; GET /api/v1/backups lists those that are");
}

/// <summary>What there is of backups.</summary>
internal sealed record BackupList
{
    [Description("Those in the folder.")]
    public required IReadOnlyList<BackupDocument> Backups { get; init; }

    [Description("Those that were asked for since the start.")]
    public required IReadOnlyList<BackupRunDocument> Runs { get; init; }
}

/// <summary>A backup.</summary>
internal sealed record BackupDocument
{
    [Description("The folder that it is in, on the gateway's machine.")]
    public required string Folder { get; init; }

    public required DateTimeOffset MadeAt { get; init; }

    [Description("The version of the gateway that made it.")]
    public required string Gateway { get; init; }

    public required string JournalId { get; init; }

    [Description("The last record of the journal that is in it.")]
    public required long LastRecord { get; init; }

    public required long Bytes { get; init; }

    public static BackupDocument Of(string folder, BackupManifest manifest) => new()
    {
        Folder = folder,
        MadeAt = manifest.MadeAt,
        Gateway = manifest.Gateway,
        JournalId = manifest.JournalId,
        LastRecord = manifest.LastRecord,
        Bytes = manifest.Bytes,
    };
}

/// <summary>A backup that is being made, or was.</summary>
internal sealed record BackupRunDocument
{
    public required string Id { get; init; }

    [Description("running, completed or failed.")]
    public required string State { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    [Description("How many bytes have been copied.")]
    public required long BytesDone { get; init; }

    [Description("How many are to be copied, about; 0 while it is not known.")]
    public required long BytesTotal { get; init; }

    [Description("What was made of it.")]
    public BackupDocument? Backup { get; init; }

    [Description("Why it failed.")]
    public string? Problem { get; init; }

    public static BackupRunDocument Of(BackupRun run) => new()
    {
        Id = run.Id,
        State = run.End switch
        {
            null => "running",
            { Manifest: null } => "failed",
            _ => "completed",
        },
        StartedAt = run.StartedAt,
        EndedAt = run.End?.At,
        BytesDone = run.Done,
        BytesTotal = run.Total,
        Backup = run.End is { Folder: { } folder, Manifest: { } manifest } ? BackupDocument.Of(folder, manifest) : null,
        Problem = run.End?.Problem,
    };
}
