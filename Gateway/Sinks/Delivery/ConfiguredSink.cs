namespace Gateway.Sinks;

/// <summary>A sink, and what gateway.json says of it.</summary>
internal sealed record ConfiguredSink(ISink Sink, SinkSettings Settings)
{
    public IMessageFormat Format => Settings.Format is SinkFormat.Senml ? new SenmlFormat(Settings.PacksByIndex) : new JsonFormat(Settings.IdsInBody);
}
