using System.Buffers;
using System.Text;
using Gateway.Journal;

namespace Gateway.Cli;

/// <summary>Records as lines of JSON.</summary>
internal sealed class JournalExport(JournalReader reader, RecordFilter filter)
{
    private const int Batch = 500;

    /// <summary>Writes all that the filter takes and that is there now; returns how many.</summary>
    public async Task<long> WriteAsync(TextWriter output, CancellationToken cancellation)
    {
        var (position, written) = (filter.After(reader), 0L);
        var line = new ArrayBufferWriter<byte>();
        for (var end = reader.LastSequence(); position < end;)
        {
            cancellation.ThrowIfCancellationRequested();
            var records = reader.Read(position, Batch);
            foreach (var record in records.Where(record => record.Sequence <= end && filter.Takes(record)))
            {
                line.ResetWrittenCount();
                JournalRecordJson.Write(line, record);
                await output.WriteLineAsync(Encoding.UTF8.GetString(line.WrittenSpan));
                written++;
            }

            position = records.Count > 0 ? records[^1].Sequence : end;
        }

        await output.FlushAsync(cancellation);
        return written;
    }
}
