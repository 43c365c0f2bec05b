namespace Gateway.Coap.Dtls;

/// <summary>Whose keys are valid. Asked during handshakes, on their threads, so it must not wait for anything.</summary>
internal interface IDtlsKeys
{
    /// <summary>The keys that are valid for a PSK identity now, the newest first; none for an unknown one.</summary>
    IReadOnlyList<PreSharedKey> Find(string identity);
}

/// <summary>A key that is valid for an identity.</summary>
/// <param name="Owner">Whose it is.</param>
/// <param name="Secret">The key.</param>
internal sealed record PreSharedKey(string Owner, byte[] Secret)
{
    public override string ToString() => $"key of {Owner}";
}
