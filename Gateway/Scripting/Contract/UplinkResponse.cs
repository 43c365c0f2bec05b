namespace Gateway.Scripting.Contract;

/// <summary>What a script's <c>respond</c> wants the device to be answered when no command is waiting for it.</summary>
/// <param name="payload">The answer's payload; may be empty.</param>
public sealed class UplinkResponse(byte[] payload)
{
    /// <summary>The answer's payload.</summary>
    public byte[] Payload { get; } = payload;

    /// <summary>The answer's code as RFC 7252 writes it, such as <c>2.05</c>; null means the one that fits the method.</summary>
    public string? Code { get; init; }

    /// <summary>The payload's Content-Format; null for none. 42 is application/octet-stream.</summary>
    public int? ContentFormat { get; init; }
}
