using System.Collections.Immutable;

namespace Gateway.Scripting.Contract;

/// <summary>The CoAP request that brought a frame, as a script gets it.</summary>
public sealed record UplinkRequest
{
    /// <summary>The gateway's id of this exchange: unique, and in the order of arrival.</summary>
    public required string RequestId { get; init; }

    /// <summary>The method's name: GET, POST, PUT, DELETE, FETCH, PATCH or iPATCH.</summary>
    public required string Method { get; init; }

    /// <summary>The path as it came, decoded, with a leading slash: <c>/m</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The values of the route's variables: for <c>/devices/{device_id}/data</c> the one of <c>device_id</c>.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The query's parameters; one without <c>=</c> has an empty value, of a repeated one the last counts.</summary>
    public IReadOnlyDictionary<string, string> Query { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>All options of the request, in the order of their numbers.</summary>
    public IReadOnlyList<UplinkOption> Options { get; init; } = [];

    /// <summary>The payload's Content-Format (IANA "CoAP Content-Formats"), or null when the device named none.</summary>
    public int? ContentFormat { get; init; }

    /// <summary>Whether the device waits for the answer (CON); a command goes out in no other.</summary>
    public bool Confirmable { get; init; }

    /// <summary>How many bytes the payload of the answer may have: more when the device asked in blocks (RFC 7959). A command that takes more fails.</summary>
    public int AnswerRoom { get; init; } = 1024;

    /// <summary>When the datagram was received, by the gateway's clock.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The address and port that it came from.</summary>
    public required string Peer { get; init; }

    /// <summary>The value of the first option with this number, or null when there is none.</summary>
    public ReadOnlyMemory<byte>? Option(int number)
    {
        foreach (var option in Options)
        {
            if (option.Number == number)
            {
                return option.Value;
            }
        }

        return null;
    }
}

/// <summary>One option of a CoAP request.</summary>
/// <param name="Number">The option's number (IANA "CoAP Option Numbers").</param>
/// <param name="Value">The option's bytes; none for an option that only has to be there.</param>
public readonly record struct UplinkOption(int Number, ReadOnlyMemory<byte> Value);
