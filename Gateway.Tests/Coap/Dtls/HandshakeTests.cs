using Gateway.Coap.Dtls;
using Gateway.Tests.Support;
using Org.BouncyCastle.Tls;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>What a handshake must bring, and what may come after it.</summary>
internal sealed class HandshakeTests
{
    private const byte Hello = 1;
    private const byte Finished = 20;

    private static readonly byte[][] Names = [[], [7, 7, 7, 7]];

    private SecureServer _server = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _server = await SecureServer.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _server.DisposeAsync();

    [Test]
    public async Task Without_an_extended_master_secret_there_is_no_session()
    {
        await using var lenient = await SecureServer.StartAsync(new DtlsSettings { RequireExtendedMasterSecret = false });
        var offer = new BouncyOffer { ExtendedMasterSecret = false };

        var alert = Assert.ThrowsAsync<TlsFatalAlertReceived>(() => BouncyClient.ConnectAsync(_server.EndPoint, offer))!;
        using var client = await BouncyClient.ConnectAsync(lenient.EndPoint, offer);

        Assert.That(alert.AlertDescription, Is.EqualTo(AlertDescription.handshake_failure));
        Assert.That(client.Ask("who", 1), Does.EndWith("device-1|0"));
    }

    // RFC 5246 §7.2.2: no_renegotiation is a warning, and the session goes on.
    [TestCaseSource(nameof(Names))]
    public async Task A_second_handshake_within_a_session_is_refused(byte[] connectionId)
    {
        using var client = await BouncyClient.ConnectAsync(_server.EndPoint, new BouncyOffer { ConnectionId = connectionId });

        client.Send(RecordType.Handshake, Hello, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        var (type, message) = client.Receive();

        Assert.That((type, message), Is.EqualTo((RecordType.Alert, new byte[] { (byte)AlertLevel.warning, (byte)AlertDescription.no_renegotiation })));
        Assert.That(client.Ask("who", 1), Does.EndWith("device-1|0"));
    }

    [TestCaseSource(nameof(Names))]
    public async Task Who_has_lost_what_ended_the_handshake_gets_it_again(byte[] connectionId)
    {
        using var client = await BouncyClient.ConnectAsync(_server.EndPoint, new BouncyOffer { ConnectionId = connectionId });

        // Its own last flight once more: a change of ciphers, and behind that its Finished.
        client.SendAsItIs([20, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 1]);
        client.Send(RecordType.Handshake, Finished, 0, 0, 12, 0, 3, 0, 0, 0, 0, 0, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
        var again = client.ReceiveAsItIs();

        Assert.That(again[0], Is.EqualTo((byte)RecordType.ChangeCipherSpec));
        Assert.That(client.Ask("who", 1), Does.EndWith("device-1|0"));
    }

    [Test]
    public async Task Nothing_is_repeated_for_who_only_claims_an_address()
    {
        using var client = await BouncyClient.ConnectAsync(_server.EndPoint, new BouncyOffer());

        client.SendAsItIs([20, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 1]);
        client.Send(RecordType.ApplicationData, 0x40, 0, 0x12, 0x34);

        Assert.That(client.Receive().Message, Is.EqualTo(new byte[] { 0x70, 0, 0x12, 0x34 }), "the next datagram answers the ping");
    }

    [Test]
    public async Task A_session_that_moves_takes_no_address_from_another()
    {
        using var client = await BouncyClient.ConnectAsync(_server.EndPoint, new BouncyOffer { ConnectionId = [] });
        var before = _server.Layer.Associations.Find(NumberOf(client))!.Source;

        client.Move();

        Assert.That(client.Ask("who", 1), Does.EndWith("device-1|0"));
        Assert.That(_server.Layer.Associations.Find(NumberOf(client))!.Source, Is.Not.EqualTo(before));
        Assert.That(_server.Layer.Associations.FindAt(_server.Layer.Associations.Find(NumberOf(client))!.Source), Is.Null);
    }

    // RFC 6066 §4: nothing longer than what was agreed on is sent.
    [Test]
    public async Task No_record_is_longer_than_its_peer_takes()
    {
        using var client = await BouncyClient.ConnectAsync(_server.EndPoint, new BouncyOffer { MaxFragmentLength = MaxFragmentLength.pow2_9 });
        var before = _server.Layer.Metrics.CountOf(DtlsDrop.Unsendable);

        client.Send(RecordType.ApplicationData, [0x40, 0x01, 0, 1, 0xb5, .. "large"u8]);
        await Eventually.HoldsAsync(() => _server.Layer.Metrics.CountOf(DtlsDrop.Unsendable) > before, "the answer of 1024 bytes can't be sent");

        Assert.That(client.Ask("who", 2), Does.EndWith("device-1|0"));
    }

    [Test]
    public async Task A_key_that_is_taken_during_the_handshake_leaves_no_session()
    {
        var sessions = _server.Layer.Associations.Count;
        _server.Keys["fleeting"] = [new PreSharedKey("device-2", "correct horse"u8.ToArray())];
        _server.Keys.TakeAfterFirst = "fleeting";

        _ = BouncyClient.ConnectAsync(_server.EndPoint, new BouncyOffer { Identity = "fleeting" });
        await Eventually.HoldsAsync(() => _server.Keys.TakeAfterFirst is null, "the key was asked for twice");

        await Eventually.HoldsAsync(() => _server.Layer.Handshakes.Count == 0, "the handshake is over");
        Assert.That(_server.Layer.Associations.Count, Is.EqualTo(sessions));
    }

    [TestCase(new byte[] { 23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 5, 0, 1, 9 }, false, TestName = "What a session of before has sent does not end a handshake")]
    [TestCase(new byte[] { 25, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 5, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 9 }, false, TestName = "Nor does what has another name")]
    [TestCase(new byte[] { 25, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 5, 2, 2, 2, 2, 2, 2, 2, 2, 0, 1, 9 }, true, TestName = "A record under the handshake's own name may be its end")]
    [TestCase(new byte[] { 22, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 5, 0, 1, 9 }, true, TestName = "A protected handshake record may be its end")]
    public void Only_what_may_be_a_Finished_counts_as_one(byte[] record, bool counts)
    {
        var progress = default(HandshakeProgress);
        byte[] name = [2, 2, 2, 2, 2, 2, 2, 2];
        progress.Add([22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 16], name);
        progress.Add(record, name);
        Assert.That(progress.IsFinished, Is.False, "nothing has changed its cipher yet");

        progress.Add([20, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 1], name);

        Assert.That(progress.IsFinished, Is.EqualTo(counts));
    }

    [Test]
    public void A_record_longer_than_any_may_be_is_none()
    {
        var datagram = new byte[Record.HeaderSize + Record.MaxFragment + 1];
        Record.WriteHead(datagram, RecordType.ApplicationData, 1UL << 48, [], Record.MaxFragment);
        Assert.That(Record.TryRead(datagram, 0, out _), Is.True);

        Record.WriteHead(datagram, RecordType.ApplicationData, 1UL << 48, [], Record.MaxFragment + 1);
        Assert.That(Record.TryRead(datagram, 0, out _), Is.False);
    }

    private static ulong NumberOf(BouncyClient client)
    {
        var room = new byte[256];
        Assert.That(Record.TryRead(room.AsSpan(0, client.Session.Seal(RecordType.Alert, [1, 90], room)), HandshakeConnectionId.Length, out var record), Is.True);
        return HandshakeConnectionId.Read(record.ConnectionId);
    }
}
