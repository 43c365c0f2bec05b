namespace Gateway.Sinks;

/// <summary>What a message tells of.</summary>
internal enum MessageKind
{
    /// <summary>What a device measured.</summary>
    Reading,

    /// <summary>A step in the life of a command.</summary>
    CommandEvent,

    /// <summary>A frame that could not be read.</summary>
    Error,
}
