using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

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

    [Description("On Linux, take all datagrams that have come with one system call, and send their answers with another. Elsewhere it has no effect.")]
    public bool BatchedIo { get; init; } = true;

    [Description("On Linux with batched_io, how many sockets share each address, each with a thread of its own; 0 is one for two processors. A device stays with one of them. Elsewhere it is always one.")]
    [Range(0, 64)]
    public int Shards { get; init; }
}
