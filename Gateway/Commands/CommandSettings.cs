using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Commands;

/// <summary>The <c>commands</c> section of gateway.json.</summary>
internal sealed record CommandSettings
{
    [Description("How many commands may wait for one device; a further one is refused.")]
    [Range(1, 100_000)]
    public int MaxQueuedPerDevice { get; init; } = 100;

    [Description("How many commands may wait in all, each with about a kilobyte of memory; a further one is refused.")]
    [Range(1, 10_000_000)]
    public int MaxQueued { get; init; } = 1_000_000;

    [Description("How many runs (a command for all devices of a profile or label) may be under way; a further one is refused.")]
    [Range(0, 1000)]
    public int MaxRuns { get; init; } = 10;

    [Description("How long ended commands and their history and ended runs are kept for those who ask for them, in days; commands for an hour at least.")]
    [Range(0, 3650)]
    public double KeepDays { get; init; } = 7;

    [Description("Max-Age of what a device that observes its commands is told, in seconds: one that hears nothing for about so long gets an empty notification, which shows whether it is still there, and keeps the way through a NAT open.")]
    [Range(10, 86_400)]
    public int ObserveMaxAgeSeconds { get; init; } = 60;

    [Description("How many devices may have a notification or a request of the gateway under way at a time, until they acknowledge it; further ones wait.")]
    [Range(1, 60_000)]
    public int MaxPushed { get; init; } = 10_000;

    [Description("Of how many devices the last address is remembered, so that a command with metadata.path can go there at once; of one that is forgotten it waits for the next message.")]
    [Range(1, 10_000_000)]
    public int MaxAddresses { get; init; } = 200_000;
}
