using System.Collections.Immutable;
using System.Threading.Channels;

namespace Gateway.Storage;

/// <summary>The backups: one is made at a time. What was asked for since the start is remembered here, what there is stands in the folder.</summary>
internal sealed class Backups(LiteDbStore store, BackupSources sources, BackupSettings settings, TimeProvider time, ILogger<Backups> log) : BackgroundService
{
    private const int MostRemembered = 20;

    private volatile BackupSettings _settings = settings;

    private readonly Channel<BackupRun> _next = Channel.CreateBounded<BackupRun>(1);

    // Guards the start: only one may be under way.
    private readonly Lock _starting = new();

    // Replaced as a whole under _starting, read from everywhere. The latest first.
    private volatile ImmutableList<BackupRun> _runs = [];

    /// <summary>Those of this start, the latest first.</summary>
    public IReadOnlyList<BackupRun> Runs => _runs;

    /// <summary>From now on this is where they are made, and how many are kept.</summary>
    public void Use(BackupSettings settings) => _settings = settings;

    public BackupRun? Find(string id) => _runs.Find(run => run.Id == id);

    /// <summary>Begins one, or gives the one that is under way.</summary>
    public (BackupRun Run, bool IsNew) Start()
    {
        lock (_starting)
        {
            if (_runs.FirstOrDefault() is { End: null } underWay)
            {
                return (underWay, false);
            }

            var now = time.GetUtcNow();
            var run = new BackupRun(Guid.CreateVersion7(now).ToString("N"), now);
            _runs = [run, .. _runs.Take(MostRemembered - 1)];
            _next.Writer.TryWrite(run);
            return (run, true);
        }
    }

    /// <summary>The backups in the folder that are whole as far as their manifest says, the latest first.</summary>
    public IReadOnlyList<(string Folder, BackupManifest Manifest)> List() => List(_settings.Path);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var run in _next.Reader.ReadAllAsync(stoppingToken))
        {
            await RunAsync(run, stoppingToken);
        }
    }

    private async Task RunAsync(BackupRun run, CancellationToken stopping)
    {
        var started = time.GetTimestamp();
        try
        {
            var (folder, manifest) = await new BackupMaker(store, sources, time).MakeAsync(_settings.Path, run.Progressed, stopping);
            log.BackupMade(folder, manifest.LastRecord, manifest.Bytes, time.GetElapsedTime(started));
            Forget();
            run.Ended(new BackupEnd(time.GetUtcNow(), folder, manifest, null));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.BackupFailed(e);
            run.Ended(new BackupEnd(time.GetUtcNow(), null, null, e.Message));
        }
    }

    // Only what is a backup, and only after a new one is there.
    private void Forget()
    {
        foreach (var (folder, _) in _settings.Keep == 0 ? [] : List().Skip(_settings.Keep))
        {
            try
            {
                Directory.Delete(folder, recursive: true);
                log.BackupForgotten(folder, _settings.Keep);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                log.BackupNotForgotten(folder, e);
            }
        }
    }

    private static IReadOnlyList<(string Folder, BackupManifest Manifest)> List(string parent) => !Directory.Exists(parent) ? [] :
    [
        .. from folder in Directory.EnumerateDirectories(parent)
           let manifest = TryRead(folder)
           where manifest is not null
           orderby manifest.MadeAt descending
           select (folder, manifest),
    ];

    private static BackupManifest? TryRead(string folder)
    {
        try
        {
            return BackupManifest.Read(folder);
        }
        catch (StorageException)
        {
            return null;
        }
    }
}
