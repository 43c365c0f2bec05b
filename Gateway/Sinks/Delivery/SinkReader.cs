using Gateway.Journal;

namespace Gateway.Sinks;

/// <summary>
/// Reads the journal for one sink, and cuts it into batches of messages that pass its filter, in its format. A batch is asked for when the one
/// before it is done with, and of a sink that takes lines the memory of a batch may be that of an earlier one. Of one loop.
/// </summary>
internal sealed class SinkReader(IJournal journal, string cursor, SinkFilter filter, IMessageFormat format, int maxBatch, bool takesLines)
{
    /// <summary>How many records are read at once.</summary>
    public const int MaxRecords = 500;

    private readonly bool _together = IsTogether(takesLines, format, filter);
    private readonly RecordMessages _messages = new(journal, filter, mostLines: IsTogether(takesLines, format, filter) ? maxBatch : 1);
    private readonly RecordMemory? _memory = takesLines ? new RecordMemory() : null;

    // Read, and not yet in a batch: what more than one batch has of the records up to _end.
    private readonly Queue<SinkMessage> _ahead = [];
    private long _end;

    /// <summary>What comes after the cursor; empty, with an end to move the cursor to, when nothing of it is for the sink.</summary>
    public SinkBatch Next()
    {
        if (_ahead.Count == 0)
        {
            ReadOn();
        }

        var messages = new List<SinkMessage>(Math.Min(maxBatch, _ahead.Count));
        for (var room = maxBatch; _ahead.TryPeek(out var message) && WeightOf(message) <= room; room -= WeightOf(message))
        {
            messages.Add(_ahead.Dequeue());
        }

        // A record that reaches into the next batch is not done with.
        return new SinkBatch(messages, _ahead.TryPeek(out var next) ? next.Id.Sequence - 1 : _end);
    }

    private static bool IsTogether(bool takesLines, IMessageFormat format, SinkFilter filter) => takesLines && format.KeepsLines && !filter.TellsReadingsApart;

    // Readings that come together are as many messages as they would be apart.
    private int WeightOf(SinkMessage message) => _together ? Math.Max(message.Readings, 1) : 1;

    private void ReadOn()
    {
        // The end first: if nothing up to there can be read any more, there is nothing up to there to deliver.
        var end = journal.LastSequence;
        _memory?.Reuse();
        var records = journal.Read(journal.Cursor(cursor), MaxRecords, _memory);
        foreach (var record in records)
        {
            var ofRecord = _messages.Of(record);
            if (ofRecord.Count > 0)
            {
                foreach (var message in format.Apply(ofRecord))
                {
                    _ahead.Enqueue(message);
                }
            }
        }

        _end = records.Count > 0 ? records[^1].Sequence : end;
    }
}
