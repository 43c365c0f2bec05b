namespace Gateway.Sinks;

/// <summary>Makes the sinks that gateway.json names and has not switched off.</summary>
internal static class SinkFactory
{
    /// <param name="settings">The section of gateway.json by name, its paths made absolute.</param>
    /// <param name="standardOutput">Where a console sink writes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For sinks whose library has something to say of its own.</param>
    public static IReadOnlyList<ConfiguredSink> Create(
        IReadOnlyDictionary<string, SinkSettings> settings, Stream standardOutput, TimeProvider time, ILogger logger) =>
        [.. from entry in Enabled(settings) select new ConfiguredSink(Create(entry.Key, entry.Value, standardOutput, time, logger), entry.Value)];

    /// <summary>The cursors that these sinks will use: the journal keeps records until they have passed.</summary>
    public static IReadOnlyList<string> CursorNames(IReadOnlyDictionary<string, SinkSettings> settings) =>
        [.. from entry in Enabled(settings) select SinkLoop.CursorNameOf(entry.Key)];

    private static IEnumerable<KeyValuePair<string, SinkSettings>> Enabled(IReadOnlyDictionary<string, SinkSettings> settings) =>
        settings.Where(entry => entry.Value.Enabled).OrderBy(entry => entry.Key, StringComparer.Ordinal);

    /// <summary>One sink. It connects to nothing yet.</summary>
    public static ISink Create(string name, SinkSettings settings, Stream standardOutput, TimeProvider time, ILogger logger) => settings switch
    {
        FileSinkSettings file => new FileSink(name, file, time),
        HttpSinkSettings http => new HttpSink(name, http, time),
        ConsoleSinkSettings => new ConsoleSink(name, standardOutput),
        MqttSinkSettings mqtt => new MqttSink(name, mqtt, time),
        KafkaSinkSettings kafka => new KafkaSink(name, kafka, time, logger),
        PostgreSqlSinkSettings postgreSql => new PostgreSqlSink(name, postgreSql),
        NatsSinkSettings nats => new NatsSink(name, nats, time),
        _ => throw new NotSupportedException($"sinks.{name}: there is no sink for {settings.GetType().Name}"),
    };
}
