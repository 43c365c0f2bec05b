using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Storage;

/// <summary>The <c>backup</c> section of gateway.json.</summary>
internal sealed record BackupSettings
{
    [Description("The folder that backups are made in, each in a folder of its own that is named after the time; relative to this file. Better on another disk than what it backs up.")]
    [Required]
    public string Path { get; init; } = "data/backups";

    [Description("How many backups are kept; after a new one that is whole, the oldest go. 0 keeps all.")]
    [Range(0, 10_000)]
    public int Keep { get; init; }
}
