namespace Gateway.Sinks;

/// <summary>How messages are written.</summary>
internal interface IMessageFormat
{
    /// <summary>Whether the line of a reading of revision 0 is passed on as it is, so that the lines of a frame may be passed on together.</summary>
    bool KeepsLines { get; }

    /// <summary>Formats the messages of one record, in order: as many as before, or fewer, of several readings each.</summary>
    /// <param name="ofRecord">Messages with their lines of JSON as bodies.</param>
    IEnumerable<SinkMessage> Apply(IReadOnlyList<SinkMessage> ofRecord);
}
