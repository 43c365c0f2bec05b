using System.Text;
using Gateway.Journal;
using Gateway.Sinks;
using Gateway.Tests.Journal;

namespace Gateway.Tests.Sinks;

/// <summary>Messages as a sink gets them.</summary>
internal static class SomeMessages
{
    public const string Journal = "3f2a9c01b7d4e658";

    /// <summary>A message for each body, of records 1, 2, 3 and so on.</summary>
    public static SinkMessage[] Of(params string[] bodies) => [.. bodies.Select((body, i) => new SinkMessage
    {
        Id = new MessageId(Journal, i + 1, 0),
        Kind = MessageKind.Reading,
        DeviceId = "282C024FFFB3",
        Time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Profile = "efento",
        Body = Encoding.UTF8.GetBytes(body),
    })];

    public static string Text(this SinkMessage message) => Encoding.UTF8.GetString(message.Body.Span);

    /// <summary>The messages of a record whose readings are these lines.</summary>
    public static SinkMessage[] OfRecord(string lines) => OfRecord(JournalInAFolder.Record("r1") with { Sequence = 7, Readings = Encoding.UTF8.GetBytes(lines) });

    /// <summary>The messages of a record, of these kinds; without any, of all.</summary>
    public static SinkMessage[] OfRecord(JournalRecord record, params MessageKind[] kinds) =>
        [.. new RecordMessages(new NamedJournal(), new SinkFilter(new SinkFilterSettings { Kinds = kinds })).Of(record)];

    /// <summary>The same for a sink that takes up to so many lines as one message.</summary>
    public static SinkMessage[] OfRecord(JournalRecord record, int mostLines, SinkFilterSettings? filter = null) =>
        [.. new RecordMessages(new NamedJournal(), new SinkFilter(filter ?? new SinkFilterSettings()), mostLines).Of(record)];

    private sealed class NamedJournal : IJournal
    {
        public string Id => Journal;

        public long LastSequence => 0;

        public JournalHealth Health => throw new NotSupportedException();

        public ValueTask<long> AppendAsync(JournalRecord record, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask<long> AppendAsync(ReadOnlySpan<JournalRecord> records, CancellationToken cancellation) => throw new NotSupportedException();

        public IReadOnlyList<JournalRecord> Read(long afterSequence, int maxRecords) => throw new NotSupportedException();

        public long LastBefore(DateTimeOffset instant) => throw new NotSupportedException();

        public Task WaitForRecordsAsync(long afterSequence, CancellationToken cancellation) => throw new NotSupportedException();

        public long Cursor(string name) => throw new NotSupportedException();

        public void Advance(string name, long sequence) => throw new NotSupportedException();

        public void KeepFor(IReadOnlyCollection<string> cursors) => throw new NotSupportedException();
    }
}
