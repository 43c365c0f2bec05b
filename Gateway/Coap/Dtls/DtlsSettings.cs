using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Coap.Dtls;

/// <summary>The <c>coap.dtls</c> section of gateway.json.</summary>
internal sealed record DtlsSettings
{
    [Description("Whether CoAP over DTLS 1.2 (coaps) is served, on the addresses of coap.addresses, beside plain CoAP.")]
    public bool Enabled { get; init; }

    [Description("The UDP port of coaps; 0 picks a free one and the start-up line says which.")]
    [Range(0, 65535)]
    public int Port { get; init; } = 5684;

    [Description("The certificate for devices that shake hands with certificates or raw public keys; null serves devices with keys in common alone.")]
    public X509Settings? X509 { get; init; }

    [Description("Give each device that asks for it a Connection ID (RFC 9146), by which its session is found again when a NAT has given it another address.")]
    public bool ConnectionId { get; init; } = true;

    [Description("The number of this gateway among several behind one balancer: the lower seven bits of the first byte of its Connection IDs; the highest bit is always 1.")]
    [Range(0, 127)]
    public int NodeId { get; init; }

    [Description("Refuse a device that has no extended master secret (RFC 7627), without which a session is not bound to its handshake. Only an old tinydtls needs false.")]
    public bool RequireExtendedMasterSecret { get; init; } = true;

    [Description("The largest datagram of a handshake that the gateway sends, in bytes; what is larger goes out in parts. NB-IoT and IPv6 carry 1232.")]
    [Range(256, 16384)]
    public int HandshakeDatagramSize { get; init; } = 1232;

    [Description("How many sessions are kept; beyond that one that was used longest ago, of those that never sent a message if there are such, has to shake hands again.")]
    [Range(16, 10_000_000)]
    public int MaxSessions { get; init; } = 200_000;

    [Description("After how many hours without a message a session is forgotten. Devices that report once a day should find theirs.")]
    [Range(0.01, 8760)]
    public double SessionIdleHours { get; init; } = 192;

    [Description("The file that sessions are kept in over a restart, sealed with the key of storage.key_path, relative to this file; null has each device shake hands again after one. It belongs into no backup.")]
    public string? SessionsPath { get; init; } = "data/dtls.sessions";

    [Description("How many handshakes may be under way at a time; beyond that, new ones are dropped and come again.")]
    [Range(1, 1_000_000)]
    public int MaxHandshakes { get; init; } = 10_000;

    [Description("How long a handshake may take, in seconds. A device on NB-IoT may need a minute when its messages are lost.")]
    [Range(1, 600)]
    public double HandshakeTimeoutSeconds { get; init; } = 120;

    [Description("How many handshakes a second are begun on the average, of all devices together. 0 sets no limit.")]
    [Range(0, 1_000_000)]
    public double HandshakesPerSecond { get; init; } = 500;

    [Description("How many handshakes are begun at once after a pause.")]
    [Range(1, 1_000_000)]
    public int HandshakeBurst { get; init; } = 2000;

    [Description("How many handshakes a second are begun on the average with devices of one prefix (/24 of IPv4, /48 of IPv6). A mobile operator may have a whole fleet behind one. 0 sets no limit.")]
    [Range(0, 1_000_000)]
    public double PrefixHandshakesPerSecond { get; init; } = 200;

    [Description("How many handshakes of one prefix are begun at once after a pause.")]
    [Range(1, 1_000_000)]
    public int PrefixHandshakeBurst { get; init; } = 1000;
}
