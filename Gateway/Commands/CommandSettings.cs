using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Commands;

/// <summary>The <c>commands</c> section of gateway.json.</summary>
internal sealed record CommandSettings
{
    [Description("How many commands may wait for one device; a further one is refused.")]
    [Range(1, 100_000)]
    public int MaxQueuedPerDevice { get; init; } = 100;

    [Description("How long ended commands are kept for those who ask for their state, in days.")]
    [Range(0, 3650)]
    public double KeepDays { get; init; } = 7;
}
