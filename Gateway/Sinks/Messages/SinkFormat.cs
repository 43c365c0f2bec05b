namespace Gateway.Sinks;

/// <summary>The formats, as gateway.json names them.</summary>
internal enum SinkFormat
{
    /// <summary>The gateway's own JSON, a message for each reading.</summary>
    Json,

    /// <summary>SenML JSON (RFC 8428), a pack for each device of a frame.</summary>
    Senml,
}
