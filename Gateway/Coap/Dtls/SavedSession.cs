namespace Gateway.Coap.Dtls;

/// <summary>A session as it is kept over a restart.</summary>
internal sealed record SavedSession
{
    // What follows it may have another form one day.
    private const byte Form = 1;
    private const byte NoIdentity = byte.MaxValue;

    public required ulong Number { get; init; }

    public required SessionSecrets Secrets { get; init; }

    public DtlsIdentity? Identity { get; init; }

    public SessionCredential? Credential { get; init; }

    /// <summary>Where the peer was.</summary>
    public Peer Source { get; init; }

    /// <summary>When the handshake was over, and when the session was used last, in milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }

    public long LastUsed { get; init; }

    /// <summary>Which records had come.</summary>
    public ReplayWindow Window { get; init; }

    /// <summary>Whether records may have come after that.</summary>
    public bool IsInDoubt { get; init; }

    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(Form);
        writer.Write(Number);
        writer.Write(Secrets.Suite.Number);
        Write(Secrets.KeyBlock);
        Write(Secrets.OwnConnectionId);
        Write(Secrets.PeerConnectionId);
        writer.Write(Secrets.NextSequence);
        writer.Write(Secrets.MaxMessage);
        writer.Write(Identity is null ? NoIdentity : (byte)Identity.Kind);
        if (Identity is not null)
        {
            writer.Write(Identity.Name);
            writer.Write(Identity.Owner);
        }

        writer.Write(Credential?.Whole.ToString() ?? "");
        writer.Write(Credential?.PublicKey?.ToString() ?? "");
        WriteWide(Source.Address);
        writer.Write(Source.Port);
        writer.Write(Source.Scope);
        WriteWide(Source.Local);
        writer.Write(CreatedAt);
        writer.Write(LastUsed);
        writer.Write(Window.End);
        writer.Write(Window.Come);
        writer.Write(IsInDoubt);
        writer.Flush();
        return bytes.ToArray();

        void Write(byte[] value)
        {
            writer.Write((byte)value.Length);
            writer.Write(value);
        }

        void WriteWide(UInt128 value)
        {
            writer.Write((ulong)(value >> 64));
            writer.Write((ulong)value);
        }
    }

    /// <summary>Reads what <see cref="ToBytes"/> has written; null for anything else.</summary>
    public static SavedSession? Read(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes, writable: false));
        try
        {
            return reader.ReadByte() == Form ? Read(reader) : null;
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    // An initializer runs in the order in which it is written, which is the order of the bytes.
    private static SavedSession Read(BinaryReader reader) => new()
    {
        Number = reader.ReadUInt64(),
        Secrets = new SessionSecrets
        {
            Suite = RecordSuite.Of(reader.ReadInt32()),
            KeyBlock = reader.ReadBytes(reader.ReadByte()),
            OwnConnectionId = reader.ReadBytes(reader.ReadByte()),
            PeerConnectionId = reader.ReadBytes(reader.ReadByte()),
            NextSequence = reader.ReadUInt64(),
            MaxMessage = reader.ReadInt32(),
        },
        Identity = reader.ReadByte() is not NoIdentity and var kind ? new DtlsIdentity(reader.ReadString(), reader.ReadString(), (CredentialKind)kind) : null,
        Credential = ReadCredential(reader.ReadString(), reader.ReadString()),
        Source = new Peer(ReadWide(reader), reader.ReadUInt16(), reader.ReadUInt32(), 0, ReadWide(reader)),
        CreatedAt = reader.ReadInt64(),
        LastUsed = reader.ReadInt64(),
        Window = ReplayWindow.Of(reader.ReadUInt64(), reader.ReadUInt64()),
        IsInDoubt = reader.ReadBoolean(),
    };

    private static SessionCredential? ReadCredential(string whole, string publicKey) =>
        !CertificateFingerprint.TryParse(whole, out var fingerprint) ? null
        : new SessionCredential(fingerprint, CertificateFingerprint.TryParse(publicKey, out var key) ? key : null);

    private static UInt128 ReadWide(BinaryReader reader) => new(reader.ReadUInt64(), reader.ReadUInt64());
}
