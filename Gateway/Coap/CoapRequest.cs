using System.Net;
using Gateway.Coap.Dtls;

namespace Gateway.Coap;

/// <summary>A request that passed the message layer: what a resource is asked. It owns its bytes, so it may be kept.</summary>
internal sealed record CoapRequest
{
    public required IPEndPoint Peer { get; init; }

    /// <summary>The same as a text.</summary>
    public string PeerName { get => field ?? Peer.ToString(); init; }

    /// <summary>The ID and the token of its message, by which its sender knows the answer.</summary>
    public MessageId Id { get; init; }

    public Token Token { get; init; }

    /// <summary>The way back to the peer; null where the request came over no socket.</summary>
    public PeerLink? Link { get; init; }

    /// <summary>Who observes from now on, where the resource tells its observers itself; null when nobody does.</summary>
    public Observer? Observer { get; init; }

    /// <summary>How much may be answered without a doubt about who gets it; null for as much as one likes.</summary>
    public AnswerAllowance? Allowance { get; init; }

    /// <summary>Who the peer has shown that it is; null for one that speaks in the clear.</summary>
    public DtlsIdentity? Identity { get; init; }

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

    /// <summary>What makes the message what it is, wherever it comes from: a repetition has the same, another message another one.</summary>
    public UInt128 Digest() => RequestDigest.Of(Id, Token, Method, Options, Payload.Span);
}
