using Gateway.Coap;

namespace Gateway.Cli;

/// <summary>A message that a simulated device has to send, and the readings that must come of it.</summary>
/// <param name="Path">Where it goes: <c>/m</c>.</param>
/// <param name="Payload">Its bytes.</param>
internal sealed record DeviceMessage(string Path, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The method.</summary>
    public CoapCode Method { get; init; } = CoapCode.Post;

    /// <summary>Arguments of the query, such as <c>ep=node</c>.</summary>
    public IReadOnlyList<string> Query { get; init; } = [];

    /// <summary>The payload's Content-Format; null says nothing.</summary>
    public int? ContentFormat { get; init; }

    /// <summary>Whether it is sent until it is answered (CON), or once (NON).</summary>
    public bool IsConfirmable { get; init; } = true;

    /// <summary>What the gateway must make of it.</summary>
    public IReadOnlyList<ExpectedReading> Readings { get; init; } = [];
}

/// <summary>A reading that must come out of the gateway.</summary>
/// <param name="Index">What is measured.</param>
/// <param name="Milliseconds">When, since 1970; null for one that has the time at which its frame arrives.</param>
/// <param name="Value">The number, or 1 and 0 for true and false; null when it is not compared.</param>
/// <param name="IsError">Whether it tells of a failed measurement.</param>
internal readonly record struct ExpectedReading(string Index, long? Milliseconds, double? Value, bool IsError = false)
{
    /// <summary>A reading of a second.</summary>
    public static ExpectedReading At(string index, long second, double value) => new(index, second * 1000, value);

    /// <summary>A failed measurement of a second.</summary>
    public static ExpectedReading ErrorAt(string index, long second) => new(index, second * 1000, null, IsError: true);

    /// <summary>A reading whose time and value are the gateway's or not worth comparing.</summary>
    public static ExpectedReading Any(string index) => new(index, null, null);
}

/// <summary>What a device was answered.</summary>
/// <param name="Code">The code.</param>
/// <param name="Payload">The payload.</param>
/// <param name="LocationPath">The path of what was made, without slashes at its ends; empty when it is not told.</param>
internal sealed record DeviceAnswer(CoapCode Code, ReadOnlyMemory<byte> Payload, string LocationPath = "")
{
    /// <summary>Whether it is a success: what was sent is safe.</summary>
    public bool IsSuccess => Code.Class == 2;

    /// <summary>Whether the same message would be refused again.</summary>
    public bool IsRefusal => Code.Class == 4 && Code != CoapCode.TooManyRequests;
}
