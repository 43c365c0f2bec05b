using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Storage;

/// <summary>The <c>storage</c> section of gateway.json.</summary>
internal sealed record StorageSettings
{
    [Description("The LiteDB file with devices and commands, relative to this file.")]
    [Required]
    public string Path { get; init; } = "data/gateway.db";

    [Description("How long the start may look for damage in the store, in seconds. 0 does not look.")]
    [Range(0, 3600)]
    public double CheckSeconds { get; init; } = 5;
}
