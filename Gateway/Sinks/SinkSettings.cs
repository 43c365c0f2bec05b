using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Gateway.Sinks;

/// <summary>One of the <c>sinks</c> of gateway.json: where readings go.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(FileSinkSettings), "file")]
[JsonDerivedType(typeof(ConsoleSinkSettings), "console")]
internal abstract record SinkSettings
{
    [Description("Whether the sink is used. The journal keeps nothing for one that is switched off; switched on again, it goes on from its old place with what is still there.")]
    public bool Enabled { get; init; } = true;
}

/// <summary>Readings as lines of JSON (NDJSON) at the end of a file.</summary>
internal sealed record FileSinkSettings : SinkSettings
{
    [Description("The file, relative to this one; folders are made when they are missing.")]
    [Required]
    public string Path { get; init; } = "data/readings.ndjson";
}

/// <summary>Readings as lines of JSON on standard output.</summary>
internal sealed record ConsoleSinkSettings : SinkSettings;
