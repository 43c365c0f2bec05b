using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Scripting;

/// <summary>The <c>scripts</c> section of gateway.json.</summary>
internal sealed record ScriptSettings
{
    [Description("The folder of the parser scripts (*.csx), relative to this file. An edited script is live within a second.")]
    [Required]
    public string Path { get; init; } = "scripts";

    [Description("Where compiled scripts are kept, so that a start need not compile them again; null: they are not kept. Whoever may write to it can do what the gateway can.")]
    public string? CachePath { get; init; } = "data/script-cache";

    [Description("The folder of .proto files that scripts may use beside the built-in ones, relative to this file. It need not exist.")]
    [Required]
    public string ProtosPath { get; init; } = "protos";

    [Description("How long a device's script and configuration are used before they are looked up again, in seconds. When that fails, the old ones stay.")]
    [Range(1, 31_536_000)]
    public double CacheTtlSeconds { get; init; } = 3600;

    [Description("How long a frame waits for a script that is still being built, in seconds. After that its device is told to come back (5.03).")]
    [Range(0, 60)]
    public double ReadyTimeoutSeconds { get; init; } = 10;

    [Description("How long one call of a script may run, in milliseconds. A version's first calls may take twenty times as long.")]
    [Range(5, 60_000)]
    public int TimeLimitMilliseconds { get; init; } = 50;

    [Description("How much memory one call of a script may allocate in all, in megabytes.")]
    [Range(1, 1024)]
    public int AllocationLimitMegabytes { get; init; } = 16;

    [Description("Where the versions of each script are remembered, so that the last good one serves after a start too, and can be gone back to; null: they are remembered until the stop.")]
    public string? VersionsPath { get; init; } = "data/script-versions";

    [Description("How many earlier versions of each script are kept to go back to.")]
    [Range(0, 100)]
    public int VersionsKept { get; init; } = 5;

    [Description("Whether a version is taken back by itself when it has to be stopped on every frame, or when more frames fail after a swap than before.")]
    public bool AutomaticRollback { get; init; } = true;

    [Description("By which share of the frames failures must have grown after a swap for a version to be taken back, from 0 to 1.")]
    [Range(0.01, 1)]
    public double RollbackFailureIncrease { get; init; } = 0.5;

    [Description("Whether the management API takes scripts to be tried beside the live ones. Whoever may call it then runs code in the gateway.")]
    public bool AllowUpload { get; init; }

    [Description("How many readings a script may make of one frame.")]
    [Range(1, 65_536)]
    public int MaxReadings { get; init; } = 10_000;

    [Description("How long what one call of a script gives may be, in bytes: readings about as they are written as JSON, commands and answers as they are.")]
    [Range(1024, 4_194_304)]
    public int MaxOutputBytes { get; init; } = 1_048_576;

    [Description("Scripts that may use files, processes, reflection and threads, by their file names. Their time and memory are limited all the same.")]
    public IReadOnlyList<string> Trusted { get; init; } = [];

    /// <summary>Whether a script of the folder may use whatever there is.</summary>
    /// <param name="scriptRef">Its file name.</param>
    public bool Trusts(string scriptRef) => Trusted.Contains(scriptRef, StringComparer.Ordinal);
}
