using System.Globalization;
using System.Text;
using Gateway.Journal;

namespace Gateway.Cli;

/// <summary>The last records of a journal, and those that come.</summary>
internal sealed class JournalTail(JournalReader reader, RecordFilter filter, TimeProvider time)
{
    /// <summary>More are exported, not shown.</summary>
    public const int MaxLines = 10_000;

    private const int Batch = 500;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private long _position;

    /// <summary>The last records that the filter takes, oldest first.</summary>
    public IReadOnlyCollection<JournalRecord> Last(int count, CancellationToken cancellation)
    {
        // Where nothing is chosen, the last ones are those with the last numbers.
        var isAll = filter is { Device: null, Kind: null };
        _position = Math.Max(filter.After(reader), isAll ? reader.LastSequence() - count : 0);
        var last = new Queue<JournalRecord>();
        while (Next(cancellation) is { Count: > 0 } records)
        {
            foreach (var record in records.Where(filter.Takes))
            {
                last.Enqueue(record);
                if (last.Count > count)
                {
                    last.Dequeue();
                }
            }
        }

        return last;
    }

    /// <summary>Writes those that come, until it is cancelled.</summary>
    public async Task FollowAsync(TextWriter output, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            while (Next(cancellation) is { Count: > 0 } records)
            {
                foreach (var record in records.Where(filter.Takes))
                {
                    await output.WriteLineAsync(LineOf(record));
                }
            }

            await output.FlushAsync(cancellation);
        }
        while (await timer.WaitForNextTickAsync(cancellation));
    }

    /// <summary>A record for people: when, what, who, and what became of it.</summary>
    public static string LineOf(JournalRecord record)
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"{record.Sequence} {record.ReceivedAt:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {JournalRecordJson.NameOf(record.Kind)}");
        line.Append(CultureInfo.InvariantCulture, $" {(record.DeviceId.Length > 0 ? record.DeviceId : "-")} ");
        line.Append(record switch
        {
            { Kind: JournalRecordKind.Uplink } => string.Create(
                CultureInfo.InvariantCulture, $"{record.Method} {record.Path} {record.Payload.Length} bytes, {JournalRecordJson.NameOf(record.Outcome)}, {record.ReadingCount} readings"),
            { Kind: JournalRecordKind.Reread } => string.Create(
                CultureInfo.InvariantCulture, $"of {record.About}, revision {record.Revision}, {JournalRecordJson.NameOf(record.Outcome)}, {record.ReadingCount} readings"),
            { Command: { } step } => string.Create(
                CultureInfo.InvariantCulture, $"{step.CommandId} {step.CommandType} {JournalRecordJson.NameOf(step.State)}, attempt {step.Attempt}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{record.Source} gave up {(record.About > 0 ? $"record {record.About}" : "a message")}"),
        });
        return Printable(record.Error is { } error ? line.Append(": ").Append(error.ReplaceLineEndings(" ")).ToString() : line.ToString());
    }

    // Paths and ids are what a device has sent: they must not steer the terminal.
    private static string Printable(string line) =>
        line.Any(char.IsControl) ? string.Concat(line.Select(character => char.IsControl(character) ? '\uFFFD' : character)) : line;

    private List<JournalRecord> Next(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var records = reader.Read(_position, Batch);
        _position = records.Count > 0 ? records[^1].Sequence : _position;
        return records;
    }
}
