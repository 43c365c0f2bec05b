using System.Threading.Channels;

namespace Gateway.Scripting;

/// <summary>
/// Makes an edited script live within a second. The file system's events say early that there is something to look at;
/// a cheap look at each script's file twice a second finds what they miss: network mounts, container volumes, lost events.
/// </summary>
internal sealed class ScriptWatcher(ScriptCatalog catalog, ScriptFolder folder, TimeProvider time, ILogger<ScriptWatcher> logger, ProtoFolder protos) : BackgroundService
{
    /// <summary>How often the files are looked at.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(0.5);

    // An editor truncates, writes, renames; by then it is done with most files, and what is seen half-written is mended by the next event.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(100);

    private const string Tick = "";

    // When it is full, what is lost is found by the next look at the files.
    private readonly Channel<string> _signals = Channel.CreateBounded<string>(new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var events = Events(folder.Path, [$"*{ScriptFolder.Extension}", $"*{VectorFile.Extension}", $"*{ScriptCandidate.Extension}"], Signal);

        // Which scripts use a file is known when it is read: each of them looks.
        using var protoEvents = Directory.Exists(protos.Path) ? Events(protos.Path, [$"*{ProtoFolder.Extension}"], _ => Signal(protos.Path)) : null;
        using var ticks = time.CreateTimer(_ => _signals.Writer.TryWrite(Tick), null, Period, Period);
        while (await _signals.Reader.WaitToReadAsync(stoppingToken))
        {
            try
            {
                await RefreshAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.WatchFailed(exception);
            }
        }
    }

    private async Task RefreshAsync(CancellationToken stopping)
    {
        // A file that an event names is read even when it looks the same: an edit within the file clock's tick changes neither length nor time.
        var named = new HashSet<string>();
        DrainInto(named);
        if (!Changed(named).Any())
        {
            return;
        }

        await Task.Delay(Settling, time, stopping);
        DrainInto(named);
        foreach (var script in Changed(named))
        {
            await catalog.RefreshAsync(script.Ref, stopping);
        }
    }

    private IEnumerable<CatalogScript> Changed(HashSet<string> named) =>
        catalog.Loaded.Where(script => script.State.Files.Any(file => named.Contains(file.Key) || folder.Stamp(file.Key) != file.Value));

    private void DrainInto(HashSet<string> named)
    {
        while (_signals.Reader.TryRead(out var name))
        {
            named.Add(name);
        }
    }

    private FileSystemWatcher? Events(string path, string[] filters, Action<string?> signal)
    {
        try
        {
            var events = new FileSystemWatcher(path) { IncludeSubdirectories = true };
            Array.ForEach(filters, events.Filters.Add);
            events.Changed += (_, change) => signal(change.Name);
            events.Created += (_, change) => signal(change.Name);
            events.Deleted += (_, change) => signal(change.Name);
            events.Renamed += (_, renamed) =>
            {
                signal(renamed.OldName);
                signal(renamed.Name);
            };
            events.EnableRaisingEvents = true;
            return events;
        }
        catch (Exception exception) when (exception is ArgumentException or IOException or UnauthorizedAccessException)
        {
            logger.NotWatched(path, exception.Message, Period.TotalSeconds);
            return null;
        }
    }

    private void Signal(string? name) => _signals.Writer.TryWrite(name?.Replace('\\', '/') ?? Tick);
}
