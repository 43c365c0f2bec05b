using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Uplink;

/// <summary>The <c>replay</c> section of gateway.json.</summary>
internal sealed record ReplaySettings
{
    [Description("How many frames a second a replay reads again at most; 0 sets no limit. It rests as long as it works in any case, and waits while the journal or the machine is busy.")]
    [Range(0, 1_000_000)]
    public int FramesPerSecond { get; init; } = 1000;
}
