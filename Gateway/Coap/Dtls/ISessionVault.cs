namespace Gateway.Coap.Dtls;

/// <summary>Where sessions are kept over a restart, sealed. Used by one thread at a time.</summary>
internal interface ISessionVault : IDisposable
{
    /// <summary>All that is kept, in its order; where it is damaged, what stands before that.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    IReadOnlyList<byte[]> Load();

    /// <summary>Adds some behind the rest. They are in the hands of the operating system when this returns.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    void Append(IEnumerable<byte[]> entries);

    /// <summary>Keeps these instead of all before, or all before if that fails. They are on disk when this returns.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    void Replace(IEnumerable<byte[]> entries);
}
