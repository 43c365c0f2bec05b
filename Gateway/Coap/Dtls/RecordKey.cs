namespace Gateway.Coap.Dtls;

/// <summary>What seals the records of one direction.</summary>
/// <param name="Key">The key.</param>
/// <param name="ImplicitNonce">The first four bytes of each nonce.</param>
internal readonly record struct RecordKey(byte[] Key, uint ImplicitNonce)
{
    /// <summary>Cuts a key block (RFC 5246 §6.3): the client's key, the server's key, and the nonces in the same order.</summary>
    public static (RecordKey Client, RecordKey Server) Cut(RecordSuite suite, ReadOnlySpan<byte> block)
    {
        var nonces = block[(2 * suite.KeySize)..];
        return (
            new RecordKey(block[..suite.KeySize].ToArray(), NonceOf(nonces)),
            new RecordKey(block[suite.KeySize..(2 * suite.KeySize)].ToArray(), NonceOf(nonces[RecordSuite.ImplicitNonceSize..])));
    }

    /// <summary>The key block that <see cref="Cut"/> takes apart.</summary>
    public static byte[] Join(in RecordKey client, in RecordKey server)
    {
        var block = new byte[client.Key.Length + server.Key.Length + (2 * RecordSuite.ImplicitNonceSize)];
        client.Key.CopyTo(block, 0);
        server.Key.CopyTo(block, client.Key.Length);
        var nonces = block.AsSpan(client.Key.Length + server.Key.Length);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(nonces, client.ImplicitNonce);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(nonces[RecordSuite.ImplicitNonceSize..], server.ImplicitNonce);
        return block;
    }

    private static uint NonceOf(ReadOnlySpan<byte> bytes) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
