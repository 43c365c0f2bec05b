using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Gateway.Sinks;

/// <summary>One of the <c>sinks</c> of gateway.json: where readings go. What all kinds have in common.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(FileSinkSettings), "file")]
[JsonDerivedType(typeof(ConsoleSinkSettings), "console")]
[JsonDerivedType(typeof(HttpSinkSettings), "http")]
[JsonDerivedType(typeof(MqttSinkSettings), "mqtt")]
[JsonDerivedType(typeof(KafkaSinkSettings), "kafka")]
[JsonDerivedType(typeof(PostgreSqlSinkSettings), "postgresql")]
[JsonDerivedType(typeof(NatsSinkSettings), "nats")]
internal abstract record SinkSettings
{
    [Description("Whether the sink is used. The journal keeps nothing for one that is switched off; switched on again, it goes on from its old place with what is still there.")]
    public bool Enabled { get; init; } = true;

    [Description("How readings are written: json is the gateway's own JSON, a message for each reading; senml is SenML JSON (RFC 8428), a pack for each device of a frame.")]
    public SinkFormat Format { get; init; } = SinkFormat.Json;

    [Description("Which messages the sink gets: those that are in every list that is not empty.")]
    public SinkFilterSettings Filter { get; init; } = new();

    [Description("Where a sink that was never used before begins: with the oldest frame that the journal has (oldest), or with the next one (newest).")]
    public SinkStart Start { get; init; } = SinkStart.Oldest;

    [Description("How many messages are delivered at once at most.")]
    [Range(1, 10_000)]
    public int MaxBatch { get; init; } = 500;

    [Description("What happens after a failure.")]
    public SinkRetrySettings Retry { get; init; } = new();

    [Description("Where messages are kept that the other side refuses for good.")]
    public DeadLetterSettings DeadLetters { get; init; } = new();

    /// <summary>Whether a message's id must stand in its JSON, because the way to the receiver has no other place for it.</summary>
    internal virtual bool IdsInBody => false;

    /// <summary>Whether SenML packs are to be of one index each.</summary>
    internal virtual bool PacksByIndex => false;

    /// <summary>How long after a batch the next one waits for more, if it is not as large as it may get.</summary>
    internal virtual TimeSpan Gathers => TimeSpan.Zero;

    /// <summary>The settings with absolute paths, except for those that every sink has.</summary>
    internal virtual SinkSettings WithPaths(Func<string, string> absolute) => this;

    /// <summary>What is wrong with the settings beyond types and ranges: the setting's path below the sink, such as <c>url</c>, and what would be right.</summary>
    internal virtual IEnumerable<(string Setting, string Problem)> Problems() => Filter.Problems();
}

/// <summary>Where a new sink begins.</summary>
internal enum SinkStart
{
    /// <summary>With the oldest frame that is kept.</summary>
    Oldest,

    /// <summary>With the first frame that comes after the sink.</summary>
    Newest,
}

/// <summary>Readings as lines of JSON on standard output.</summary>
internal sealed record ConsoleSinkSettings : SinkSettings;
