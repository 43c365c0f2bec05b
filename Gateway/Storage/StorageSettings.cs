using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Storage;

/// <summary>The <c>storage</c> section of gateway.json.</summary>
internal sealed record StorageSettings
{
    [Description("The LiteDB file with devices and commands, relative to this file.")]
    [Required]
    public string Path { get; init; } = "data/gateway.db";
}
