using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Storage;

/// <summary>The <c>storage</c> section of gateway.json.</summary>
internal sealed record StorageSettings
{
    [Description("The LiteDB file with devices and commands, relative to this file. Commands that have ended, and when devices spoke last, are in an SQLite file beside it: gateway-history.db for gateway.db.")]
    [Required]
    public string Path { get; init; } = "data/gateway.db";

    [Description("The file with the key that devices' DTLS keys are sealed with in the store. It is made when the first one is set, is for the gateway's user alone, and belongs into a backup of its own.")]
    [Required]
    public string KeyPath { get; init; } = "data/gateway.key";

    [Description("How long the start may look for damage in the store, in seconds. 0 does not look.")]
    [Range(0, 3600)]
    public double CheckSeconds { get; init; } = 5;
}
