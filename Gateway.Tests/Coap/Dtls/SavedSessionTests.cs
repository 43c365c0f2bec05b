using CsCheck;
using Gateway.Coap;
using Gateway.Coap.Dtls;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>A session is read as it was written, what is damaged is not read, and what a session began with must still be valid.</summary>
internal sealed class SavedSessionTests
{
    private static readonly CertificateFingerprint One = CertificateFingerprint.Of([1]);
    private static readonly CertificateFingerprint Two = CertificateFingerprint.Of([2]);

    private static readonly Gen<SavedSession> Sessions =
        from number in Gen.ULong
        from suite in Gen.OneOfConst([.. RecordSuite.All])
        from block in Gen.Byte.Array[suite.KeyBlockSize]
        from own in Gen.OneOfConst([], new byte[8])
        from peer in Gen.Byte.Array[0, 20]
        from next in Gen.ULong
        from named in Gen.Bool
        from name in Gen.String[0, 128]
        from kind in Gen.Enum<CredentialKind>()
        from withKey in Gen.Bool
        from address in Gen.ULong
        from port in Gen.UShort
        from times in Gen.Select(Gen.Long, Gen.Long)
        from window in Gen.Select(Gen.ULong, Gen.ULong)
        from doubt in Gen.Bool
        select new SavedSession
        {
            Number = number,
            Secrets = new SessionSecrets { Suite = suite, KeyBlock = block, OwnConnectionId = own, PeerConnectionId = peer, NextSequence = next, MaxMessage = 512 },
            Identity = named ? new DtlsIdentity(name, name + "1", kind) : null,
            Credential = named ? new SessionCredential(One, withKey ? Two : null) : null,
            Source = new Peer(new UInt128(address, ~address), port, 3, 0, address),
            CreatedAt = times.Item1,
            LastUsed = times.Item2,
            Window = ReplayWindow.Of(window.Item1, window.Item2),
            IsInDoubt = doubt,
        };

    [Test]
    public void What_is_written_is_read() => Sessions.Sample(session =>
    {
        var bytes = session.ToBytes();
        var read = SavedSession.Read(bytes)!;

        // Arrays are compared by what they hold: as bytes.
        Assert.That(read.ToBytes(), Is.EqualTo(bytes));
        Assert.That((read.Number, read.Identity, read.Credential, read.Source, read.CreatedAt, read.LastUsed, read.IsInDoubt),
            Is.EqualTo((session.Number, session.Identity, session.Credential, session.Source, session.CreatedAt, session.LastUsed, session.IsInDoubt)));
        Assert.That((read.Secrets.Suite, read.Secrets.NextSequence, read.Window.End, read.Window.Come),
            Is.EqualTo((session.Secrets.Suite, session.Secrets.NextSequence, session.Window.End, session.Window.Come)));
    });

    [Test]
    public void Any_bytes_are_a_session_or_none() => Gen.Select(Sessions, Gen.Int[0, 400], Gen.Byte).Sample((session, at, value) =>
    {
        var bytes = session.ToBytes();
        bytes[at % bytes.Length] = value;
        _ = SavedSession.Read(bytes);
        _ = SavedSession.Read(bytes[..(at % bytes.Length)]);
    });

    [Test]
    public void A_key_block_is_cut_and_joined() => Gen.Select(Gen.OneOfConst([.. RecordSuite.All]), Gen.Byte.Array[72]).Sample((suite, bytes) =>
    {
        var block = bytes[..suite.KeyBlockSize];
        var (client, server) = RecordKey.Cut(suite, block);
        Assert.That(RecordKey.Join(client, server), Is.EqualTo(block));
    });

    [Test]
    public void A_certificate_counts_as_long_as_what_it_was_known_by_does()
    {
        var keys = new TestKeys();
        var credential = new SessionCredential(One, Two);
        var (vouched, pinned) = (new DtlsIdentity("meter-1", "meter-1", CredentialKind.Certificate), new DtlsIdentity(Two.ToString(), "meter-1", CredentialKind.Certificate));
        Assert.That((Trusts(vouched), Trusts(pinned)), Is.EqualTo((true, false)), "nobody knows it, but an authority may");

        keys.Pins[Two] = new PinnedCertificate("meter-1", IsValid: true);
        Assert.That((Trusts(vouched), Trusts(pinned)), Is.EqualTo((true, true)));

        keys.Pins[Two] = new PinnedCertificate("meter-2", IsValid: true);
        Assert.That(Trusts(pinned), Is.False, "it is another's now");

        keys.Pins[One] = new PinnedCertificate("meter-1", IsValid: false);
        Assert.That((Trusts(vouched), Trusts(pinned)), Is.EqualTo((false, false)), "it is shut out");

        bool Trusts(DtlsIdentity identity) => credential.IsTrusted(identity, keys, keys);
    }
}
