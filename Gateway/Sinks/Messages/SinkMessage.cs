using Gateway.Journal;

namespace Gateway.Sinks;

/// <summary>One message for the user's systems: what a sink delivers, formatted, and what is known of it without reading the body.</summary>
internal sealed record SinkMessage
{
    private const byte LineEnd = (byte)'\n';

    // What is read off a reading's line when somebody asks for it, for many sinks want nothing but the body.
    private string _deviceId = "";
    private string? _index;
    private DateTimeOffset _time;
    private IReadOnlyList<string> _labels = [];
    private ReadOnlyMemory<byte> _unreadLine;

    /// <summary>A message of which all that is not told here stands in its line.</summary>
    public static SinkMessage OfReading(JournalRecord record, MessageId id, string? replaces, ReadOnlyMemory<byte> line, int readings = 1) => new(record, line)
    {
        Id = id,
        Kind = MessageKind.Reading,
        Revision = record.Revision,
        Replaces = replaces,
        Profile = record.Profile,
        Readings = readings,
        Body = line,
    };

    /// <summary>The readings of a record as one message whose body is their lines, for a sink that takes lines. Their revision is 0.</summary>
    public static SinkMessage OfReadings(JournalRecord record, MessageId first, int count) =>
        OfReading(record, first, replaces: null, record.Readings.Span[^1] is LineEnd ? record.Readings[..^1] : record.Readings, count);

    public SinkMessage()
    {
    }

    private SinkMessage(JournalRecord record, ReadOnlyMemory<byte> line) => (_unreadLine, _deviceId, _time) = (line, record.DeviceId, record.ReceivedAt);

    /// <summary>
    /// The same each time the message is delivered, and no other's: see <see cref="MessageId"/>. Receivers drop what they have already.
    /// </summary>
    public required MessageId Id { get; init; }

    public required MessageKind Kind { get; init; }

    /// <summary>Whose message it is; empty when nobody knows. The order of one device's messages is kept.</summary>
    public string DeviceId { get => Read()._deviceId; init => Read()._deviceId = value; }

    /// <summary>What was measured, such as <c>TEMPERATURE</c>; null when the message is of several things or of none.</summary>
    public string? Index { get => Read()._index; init => Read()._index = value; }

    /// <summary>How often the frame was read before this: 0 at first, and one more with each replay.</summary>
    public int Revision { get; init; }

    /// <summary>The frame whose messages of lower revisions no longer hold: see <see cref="MessageId.FrameOf"/>; null for revision 0.</summary>
    public string? Replaces { get; init; }

    /// <summary>When it was measured; of a message with several readings, the first one's time.</summary>
    public DateTimeOffset Time { get => Read()._time; init => Read()._time = value; }

    public required string Profile { get; init; }

    /// <summary>The labels of the device and the reading; of a message with several readings, all of theirs.</summary>
    public IReadOnlyList<string> Labels { get => Read()._labels; init => Read()._labels = value; }

    /// <summary>How many readings the body has.</summary>
    public int Readings { get; init; } = 1;

    /// <summary>The media type of the body.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>
    /// The message as the receiver gets it: one JSON value without a line end, or for a sink that takes lines several with line ends between
    /// them. Valid as long as the message is.
    /// </summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>A message for each line of the body; itself when it has one.</summary>
    public IEnumerable<SinkMessage> LineByLine()
    {
        if (!Body.Span.Contains(LineEnd))
        {
            yield return this;
            yield break;
        }

        var walk = new LineWalk(Body);
        for (var place = Id.Place; walk.MoveNext(); place++)
        {
            yield return this with { Id = Id with { Place = place }, Readings = 1, Body = walk.Line, _unreadLine = walk.Line };
        }
    }

    private SinkMessage Read()
    {
        if (!_unreadLine.IsEmpty)
        {
            var head = ReadingHead.Of(_unreadLine.Span, _deviceId);
            (_deviceId, _index, _time, _labels) = (head.DeviceId, head.Index, head.Time ?? _time, head.Labels);
            _unreadLine = default;
        }

        return this;
    }
}
