using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Gateway.Coap.Dtls;

namespace Gateway.Coap;

/// <summary>The <c>coap</c> section of gateway.json.</summary>
internal sealed record CoapSettings
{
    [Description("The local addresses to listen on: IPv4 or IPv6 addresses, or \"*\" for all of the machine's addresses of both families.")]
    [MinLength(1)]
    public IReadOnlyList<string> Addresses { get; init; } = ["*"];

    [Description("The UDP port; 0 picks a free one and the start-up line says which.")]
    [Range(0, 65535)]
    public int Port { get; init; } = 5683;

    [Description("The largest payload of a request, in bytes, whether it comes in one message or in blocks; a larger one is answered 4.13 with the limit in Size1.")]
    [Range(1, 1_048_576)]
    public int MaxPayloadSize { get; init; } = 8192;

    [Description("How long the device waits for the answer in the acknowledgement, in seconds; after that it gets an empty acknowledgement, and the answer comes separately.")]
    [Range(0.01, 10)]
    public double PiggybackTimeoutSeconds { get; init; } = 1.5;

    [Description("How many exchanges are remembered, in all, to answer a retransmission with the same bytes again; the oldest is forgotten first.")]
    [Range(16, 10_000_000)]
    public int MaxExchanges { get; init; } = 200_000;

    [Description("How many of them may be of one peer (an address and port); beyond that its oldest is forgotten first.")]
    [Range(1, 65536)]
    public int MaxExchangesPerPeer { get; init; } = 4096;

    [Description("How many requests may wait for their answers at a time; one more is answered 5.03 with Max-Age.")]
    [Range(1, 10_000_000)]
    public int MaxInWork { get; init; } = 20_000;

    [Description("How many requests a second are taken of one peer on the average; more are answered 4.29 with Max-Age once a second, and dropped otherwise. 0 sets no limit.")]
    [Range(0, 1_000_000)]
    public double PeerRequestsPerSecond { get; init; } = 100;

    [Description("How many requests of one peer are taken at once after a pause. A body that comes in blocks is a request for each of them: 1 MiB in blocks of 1024 bytes is 1024.")]
    [Range(1, 1_000_000)]
    public int PeerBurst { get; init; } = 2000;

    [Description("How many requests a second are taken on the average of all peers of one prefix (/24 of IPv4, /48 of IPv6) together. A mobile operator may have a whole fleet behind one. 0 sets no limit.")]
    [Range(0, 10_000_000)]
    public double PrefixRequestsPerSecond { get; init; } = 20_000;

    [Description("How many requests of one prefix are taken at once after a pause.")]
    [Range(1, 10_000_000)]
    public int PrefixBurst { get; init; } = 40_000;

    [Description("The largest block of a blockwise transfer, in bytes: a power of two, another number is rounded down to one. A larger answer is sent in blocks, and a device that sends larger blocks is asked for smaller ones.")]
    [Range(16, 1024)]
    public int BlockSize { get; init; } = 1024;

    [Description("How many blockwise transfers are kept for one device; the one used longest ago is dropped first.")]
    [Range(1, 1000)]
    public int MaxTransfersPerPeer { get; init; } = 4;

    [Description("How many blockwise transfers are kept in all; the one used longest ago is dropped first.")]
    [Range(1, 1_000_000)]
    public int MaxTransfers { get; init; } = 1000;

    [Description("How many bytes the blockwise transfers may keep in all; the one used longest ago is dropped first.")]
    [Range(2_097_152, 2_147_483_647)]
    public int MaxTransferBytes { get; init; } = 16_777_216;

    [Description("How many observations of resources are kept up to date in all; a request beyond them is answered without being observed. 0 has none.")]
    [Range(0, 1_000_000)]
    public int MaxObservers { get; init; } = 1000;

    [Description("How many of these one device may have.")]
    [Range(1, 1000)]
    public int MaxObserversPerPeer { get; init; } = 16;

    [Description("How many times larger than the request an answer may be that goes to a device of which it is not known that it receives at its address; a larger one is answered 4.01 with Echo first (RFC 9175), unless it has at most 136 bytes. 0 asks nobody.")]
    [Range(0, 1000)]
    public int AmplificationFactor { get; init; } = 3;

    [Description("How many devices that have shown so are remembered, each for an hour; the one that was looked for longest ago is forgotten first, and has to show it again.")]
    [Range(1, 10_000_000)]
    public int MaxVerifiedPeers { get; init; } = 100_000;

    [Description("On Linux, take all datagrams that have come with one system call, and send their answers with another. Elsewhere it has no effect.")]
    public bool BatchedIo { get; init; } = true;

    [Description("On Linux with batched_io, how many sockets share each address, each with a thread of its own; 0 is one for two processors. A device stays with one of them. Elsewhere it is always one.")]
    [Range(0, 64)]
    public int Shards { get; init; }

    [Description("CoAP over DTLS, beside plain CoAP.")]
    public DtlsSettings Dtls { get; init; } = new();

    /// <summary>The part of one of several endpoints in the bounds that are for all together.</summary>
    public CoapSettings SharedBy(int endpoints) => this with
    {
        MaxExchanges = Math.Max(1, MaxExchanges / endpoints),
        MaxInWork = Math.Max(1, MaxInWork / endpoints),
        PrefixRequestsPerSecond = PrefixRequestsPerSecond / endpoints,
        PrefixBurst = Math.Max(1, PrefixBurst / endpoints),
    };
}
