namespace Gateway.Scripting.Contract;

/// <summary>The last time that a command went out, so that a script's <c>confirm</c> can compare what the device says now with what it said then.</summary>
public sealed record CommandSending
{
    /// <summary>When it went out, by the gateway's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Which attempt that was, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>The path of the message in whose answer it went out: <c>/m</c>. Empty when it did not go out in an answer.</summary>
    public string Path { get; init; } = "";

    /// <summary>That message's payload; empty when there was none, or when it was longer than the gateway keeps with a command (1,024 bytes).</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }
}
