namespace Gateway.Coap.Dtls;

/// <summary>With what our own client shakes hands.</summary>
/// <param name="Identity">The PSK identity that it says.</param>
/// <param name="Key">The key that goes with it.</param>
internal sealed record DtlsClientSettings(string Identity, byte[] Key)
{
    /// <summary>The cipher suites that it offers, the best first.</summary>
    public IReadOnlyList<RecordSuite> Suites { get; init; } = [.. RecordSuite.All.Where(suite => !suite.NeedsCertificate)];

    /// <summary>
    /// The connection id that the server is to put into its records. By an empty one the client asks for the server's, and wants none itself,
    /// as a device does that has one socket and one server (RFC 9146 §3); null asks for none.
    /// </summary>
    public byte[]? ConnectionId { get; init; } = [];

    // Without the key: what is printed ends up in logs.
    public override string ToString() => $"PSK of {Identity}";
}
