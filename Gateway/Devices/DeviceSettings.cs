using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Devices;

/// <summary>The <c>devices</c> section of gateway.json.</summary>
internal sealed record DeviceSettings
{
    [Description("A file of devices to register at start, one JSON object a line in the form that POST /api/v1/devices takes; relative to this file. Devices that are known already are left as they are.")]
    public string? ImportPath { get; init; }

    [Description("How many devices are kept in memory; the others are read from the store when they speak.")]
    [Range(1, 10_000_000)]
    public int CacheSize { get; init; } = 100_000;

    [Description("How many of its last exchanges are remembered of each device that is kept in memory, for those who ask what happens; each takes about a hundred bytes.")]
    [Range(0, 1000)]
    public int ExchangesKept { get; init; } = 10;

    [Description("How many unknown devices are held for approval at most; further ones are answered 5.03.")]
    [Range(0, 1_000_000)]
    public int MaxHeld { get; init; } = 1000;

    [Description("How many devices may be registered at routes with \"registers\" at most; further ones are answered 5.03.")]
    [Range(1, 10_000_000)]
    public int MaxAddresses { get; init; } = 100_000;
}
