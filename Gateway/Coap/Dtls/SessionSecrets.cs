using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Utilities;

namespace Gateway.Coap.Dtls;

/// <summary>What a handshake ends with: all that records need, and nothing of the handshake itself.</summary>
internal sealed record SessionSecrets
{
    public required RecordSuite Suite { get; init; }

    /// <summary>The keys of both directions, as <see cref="RecordKey.Cut"/> takes them.</summary>
    public required byte[] KeyBlock { get; init; }

    /// <summary>The connection id in the records that this side receives; empty for none.</summary>
    public byte[] OwnConnectionId { get; init; } = [];

    /// <summary>The connection id in the records that this side sends; empty for none.</summary>
    public byte[] PeerConnectionId { get; init; } = [];

    /// <summary>The number of the first record that this side has not sent yet.</summary>
    public ulong NextSequence { get; init; }

    /// <summary>The longest message that the peer takes in a record, in bytes (RFC 6066 §4).</summary>
    public int MaxMessage { get; init; } = 1 << 14;

    /// <summary>What remains of a handshake that is just complete; afterwards its master secret is gone.</summary>
    public static SessionSecrets Of(TlsContext context)
    {
        var parameters = context.SecurityParameters;
        var suite = RecordSuite.Of(parameters.CipherSuite);
        var seed = Arrays.Concatenate(parameters.ServerRandom, parameters.ClientRandom);
        var block = parameters.MasterSecret.DeriveUsingPrf(parameters.PrfAlgorithm, ExporterLabel.key_expansion, seed, suite.KeyBlockSize);
        return new SessionSecrets
        {
            Suite = suite,
            KeyBlock = block.Extract(),
            OwnConnectionId = parameters.ConnectionIDPeer ?? [],
            PeerConnectionId = parameters.ConnectionIDLocal ?? [],
            MaxMessage = parameters.MaxFragmentLength >= 0 ? 1 << (8 + parameters.MaxFragmentLength) : 1 << 14,
        };
    }
}
