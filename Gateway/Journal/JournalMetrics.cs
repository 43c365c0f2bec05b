using System.Diagnostics.Metrics;

namespace Gateway.Journal;

/// <summary>The meter <c>Gateway.Journal</c>.</summary>
internal sealed class JournalMetrics
{
    public const string MeterName = "Gateway.Journal";

    private readonly Meter _meter;
    private readonly Counter<long> _records;
    private readonly Counter<long> _commits;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _damaged;
    private readonly Counter<long> _deletedUnread;
    private readonly Histogram<double> _duration;

    public JournalMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _records = _meter.CreateCounter<long>("gateway.journal.records", "{record}", "Records that are on disk.");
        _commits = _meter.CreateCounter<long>("gateway.journal.commits", "{commit}", "Groups of records that are on disk.");
        _failures = _meter.CreateCounter<long>("gateway.journal.commit.failures", "{commit}", "Commits that the disk refused.");
        _damaged = _meter.CreateCounter<long>("gateway.journal.damaged", "{record}", "Records that were found unreadable.");
        _deletedUnread = _meter.CreateCounter<long>("gateway.journal.deleted_unread", "{record}", "Records that were deleted before a reader had had them, by reader.");
        _duration = _meter.CreateHistogram(
            "gateway.journal.commit.duration", "s", "How long a commit takes, sync included.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5] });
    }

    public void ObservePending(Func<int> pending) =>
        _meter.CreateObservableGauge("gateway.journal.pending", pending, "{record}", "Records that wait for the disk.");

    public void ObserveBytes(Func<RetainedBytes> bytes) => _meter.CreateObservableGauge(
        "gateway.journal.bytes",
        () => Measure(bytes()),
        "By",
        "Bytes of records in the journal, by kind: frames, commands or failures.");

    public void DeletedUnread(string reader, long records) => _deletedUnread.Add(records, new KeyValuePair<string, object?>("reader", reader));

    public void Committed(int records, TimeSpan duration)
    {
        _records.Add(records);
        _commits.Add(1);
        _duration.Record(duration.TotalSeconds);
    }

    public void Failed() => _failures.Add(1);

    public void Damaged(long records) => _damaged.Add(records);

    private static IEnumerable<Measurement<long>> Measure(RetainedBytes bytes) =>
        Retentions.All.Select(retention => new Measurement<long>(
            bytes.Of(retention), new KeyValuePair<string, object?>("kind", retention.ToString().ToLowerInvariant())));
}
