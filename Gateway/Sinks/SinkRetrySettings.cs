using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Sinks;

/// <summary>The <c>retry</c> of a sink.</summary>
internal sealed record SinkRetrySettings
{
    [Description("About how long to wait after the first failure, in seconds; after each further one about twice as long, up to the longest.")]
    [Range(0.01, 3600)]
    public double FirstWaitSeconds { get; init; } = 0.5;

    [Description("How long to wait at most, in seconds. A wait that the other side asks for may be longer, up to an hour.")]
    [Range(0.01, 3600)]
    public double LongestWaitSeconds { get; init; } = 30;

    [Description("How often a batch is tried before what is left of it goes to the dead letters; 0 tries until it is taken, and the journal keeps what waits behind it.")]
    [Range(0, 1_000_000)]
    public int MaxAttempts { get; init; }
}

/// <summary>The <c>dead_letters</c> of a sink.</summary>
internal sealed record DeadLetterSettings
{
    [Description("The folder, relative to this file; each sink has a file of its own in it, named after the sink.")]
    [Required]
    public string Path { get; init; } = "data/dead-letters";

    [Description("How large a sink's file may grow, in MiB. Then it is put aside as .1, and the one that was put aside before is deleted.")]
    [Range(1, 1024)]
    public int MaxMegabytes { get; init; } = 64;
}
