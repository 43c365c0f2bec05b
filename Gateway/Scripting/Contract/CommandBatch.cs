namespace Gateway.Scripting.Contract;

/// <summary>Several commands in one answer: what a script's <c>format_commands</c> returns.</summary>
public sealed class CommandBatch
{
    /// <summary>Makes a batch.</summary>
    /// <param name="payload">The answer's payload, which carries all of the commands.</param>
    /// <param name="requestIds">The <see cref="Command.RequestId"/> of each command in it: at least one, none twice. The others go on waiting.</param>
    public CommandBatch(byte[] payload, params IEnumerable<string> requestIds)
    {
        Payload = payload;
        RequestIds = requestIds?.ToArray() ?? [];
    }

    /// <summary>The answer's payload.</summary>
    public byte[] Payload { get; }

    /// <summary>The <see cref="Command.RequestId"/> of each command that the payload carries.</summary>
    public IReadOnlyList<string> RequestIds { get; }
}
