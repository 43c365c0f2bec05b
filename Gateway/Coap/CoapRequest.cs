using System.Net;

namespace Gateway.Coap;

/// <summary>A request that passed the message layer: what a resource is asked. It owns its bytes, so it may be kept.</summary>
internal sealed record CoapRequest
{
    public required IPEndPoint Peer { get; init; }

    public required CoapCode Method { get; init; }

    /// <summary>Whether the client waits for an acknowledgement (CON).</summary>
    public required bool Confirmable { get; init; }

    /// <summary>The segments of Uri-Path, decoded; none for the root.</summary>
    public required IReadOnlyList<string> Path { get; init; }

    /// <summary>The Uri-Query options, decoded, each <c>name=value</c> or <c>name</c>.</summary>
    public required IReadOnlyList<string> Query { get; init; }

    /// <summary>All options in the order of their numbers.</summary>
    public required IReadOnlyList<CoapOption> Options { get; init; }

    public int? ContentFormat { get; init; }

    public int? Accept { get; init; }

    public required ReadOnlyMemory<byte> Payload { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }
}
