namespace Gateway.Access;

/// <summary>The record of all changes. It is only appended to; what is older than gateway.json says is forgotten.</summary>
internal sealed class AuditLog(AccessStore store, AccessSettings settings, AccessMetrics metrics, TimeProvider time, ILogger<AuditLog> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(6);

    private volatile string? _error;

    /// <summary>Why the last record could not be kept; null when it could.</summary>
    public string? Error => _error;

    /// <summary>Appends a record; completes when it is on disk.</summary>
    /// <exception cref="AccessUnavailableException">It is not known to be kept.</exception>
    public async ValueTask<long> AppendAsync(AuditRecord record)
    {
        try
        {
            var id = await store.AppendAsync(record);
            _error = null;
            metrics.Changed(AuditTable.NameOf(record.Result));
            return id;
        }
        catch (AccessUnavailableException e)
        {
            _error = e.Message;
            metrics.Changed("unrecorded");
            throw;
        }
    }

    public IReadOnlyList<AuditRecord> Find(AuditQuery query) => store.Read(connection => AuditTable.Find(connection, query));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.AuditKeepDays == 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(Period, time);
        do
        {
            try
            {
                var before = time.GetUtcNow() - TimeSpan.FromDays(settings.AuditKeepDays);
                await store.WriteAsync(connection => AuditTable.Forget(connection, before), stoppingToken);
            }
            catch (AccessUnavailableException e)
            {
                log.AuditNotPruned(e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
