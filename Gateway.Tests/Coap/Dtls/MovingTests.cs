using Gateway.Coap;
using Gateway.Coap.Dtls;
using Gateway.Tests.Support;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>RFC 9146: a session goes with its device, and only with it. Between them is a NAT, which forgets.</summary>
internal sealed class MovingTests
{
    private static readonly DtlsClientSettings WithoutId = SecureDevice.Sensor1 with { ConnectionId = null };

    private Meters _meters = null!;
    private SecureServer _server = null!;
    private UdpLink _link = null!;

    private double Handshakes => _meters["gateway.coap.dtls.handshakes/completed"];

    private Association Session => _server.Layer.Associations.ToArray().Single();

    [SetUp]
    public async Task StartAsync()
    {
        _meters = new Meters();
        _server = await SecureServer.StartAsync(meters: _meters);
        _link = new UdpLink(_server.EndPoint);
    }

    [TearDown]
    public async Task StopAsync()
    {
        _link.Dispose();
        await _server.DisposeAsync();
        _meters.Dispose();
    }

    [TestCase("PSK_WITH_AES_128_CCM_8")]
    [TestCase("ECDHE_PSK_WITH_AES_128_GCM_SHA256")]
    public async Task With_a_connection_id_a_session_goes_on_at_another_address(string suite)
    {
        using var device = new SecureDevice(_link.EndPoint, SecureDevice.Sensor1 with { Suites = [RecordSuite.All.Single(known => known.Name == suite)] });
        await device.AskAsync();

        for (var moves = 1; moves <= 3; moves++)
        {
            _link.Move();

            Assert.That(await device.AskAsync(payload: "12345"), Is.EqualTo("device-1|5"));
            Assert.That(Session.Source.Port, Is.EqualTo(_link.Seen.Port));
            Assert.That((Handshakes, _meters["gateway.coap.dtls.moves"]), Is.EqualTo((1, moves)));
        }
    }

    [Test]
    public async Task Without_one_a_device_that_has_moved_shakes_hands_again()
    {
        using var device = new SecureDevice(_link.EndPoint, WithoutId, SecureDevice.Impatient);
        await device.AskAtLastAsync();
        var before = Handshakes;
        _link.Move();

        var failure = Assert.ThrowsAsync<CoapClientException>(() => device.AskAsync());

        Assert.That(failure.Error, Is.EqualTo(CoapClientError.TimedOut));
        Assert.That(_server.Layer.Metrics.CountOf(DtlsDrop.UnknownSession), Is.Positive);
        Assert.That(await device.AskAtLastAsync(), Is.EqualTo("device-1|0"));
        Assert.That(Handshakes, Is.GreaterThan(before));
    }

    [Test]
    public async Task A_request_that_was_begun_before_the_move_is_answered_after_it_and_done_once()
    {
        using var device = new SecureDevice(_link.EndPoint);
        await device.AskAsync();
        _link.IsDeaf = true;
        var asking = device.AskAsync();
        await Eventually.HoldsAsync(() => _server.Asked == 2, "the request came, and its answer was lost");

        _link.Move();
        _link.IsDeaf = false;

        Assert.That(await asking, Is.EqualTo("device-1|0"));
        Assert.That(_server.Asked, Is.EqualTo(2));
    }

    [Test]
    public async Task A_record_that_has_come_before_moves_nothing()
    {
        using var device = new SecureDevice(_link.EndPoint);
        await device.AskAsync();

        _link.SendFromElsewhere(_link.Sent[^1]);
        await Eventually.HoldsAsync(() => _server.Layer.Metrics.CountOf(DtlsDrop.Replayed) == 1, "the record was known to have come before");

        Assert.That(Session.Source.Port, Is.EqualTo(_link.Seen.Port));
        Assert.That(_server.Asked, Is.EqualTo(1));
    }

    // Somebody on the way has kept a record from the server, and sends it from elsewhere once the device has said more.
    [Test]
    public async Task An_older_record_that_comes_for_the_first_time_is_read_and_moves_nothing()
    {
        using var device = new SecureDevice(_link.EndPoint);
        await device.AskAsync();
        byte[]? kept = null;
        _link.Passes = datagram =>
        {
            var isFirst = kept is null;
            kept ??= datagram;
            return !isFirst;
        };
        await device.AskAsync(payload: "12345");

        var duplicates = _meters["gateway.coap.duplicates"];
        _link.SendFromElsewhere(kept!);
        await Eventually.HoldsAsync(() => _meters["gateway.coap.duplicates"] == duplicates + 1, "it was the first sending of a request that was answered");

        Assert.That(_server.Asked, Is.EqualTo(2));
        Assert.That(_server.Layer.Metrics.CountOf(DtlsDrop.Replayed) + _server.Layer.Metrics.CountOf(DtlsDrop.Forged), Is.Zero);
        Assert.That((Session.Source.Port, _meters["gateway.coap.dtls.moves"]), Is.EqualTo(((ushort)_link.Seen.Port, 0)));
    }

    [Test]
    public async Task A_forged_record_with_the_right_id_moves_nothing()
    {
        using var device = new SecureDevice(_link.EndPoint);
        await device.AskAsync();
        var forged = _link.Sent[^1].ToArray();
        forged[Record.HeaderSize - 3] += 100;
        forged[^1] ^= 1;

        _link.SendFromElsewhere(forged);
        await Eventually.HoldsAsync(() => _server.Layer.Metrics.CountOf(DtlsDrop.Forged) == 1, "the record was known to be forged");

        Assert.That(Session.Source.Port, Is.EqualTo(_link.Seen.Port));
        Assert.That(await device.AskAsync(), Is.EqualTo("device-1|0"));
    }

    // RFC 9146 §3: who has an id and leaves it out is somebody else.
    [Test]
    public async Task A_session_with_an_id_takes_no_record_without_it()
    {
        using var device = new SecureDevice(_link.EndPoint);
        await device.AskAsync();
        var named = _link.Sent[^1];
        byte[] nameless = [(byte)RecordType.ApplicationData, .. named[1..11], .. named[(11 + HandshakeConnectionId.Length)..]];

        _link.SendAsDevice(nameless);
        await Eventually.HoldsAsync(() => _server.Layer.Metrics.CountOf(DtlsDrop.UnknownSession) == 1, "the record belonged to no session");

        Assert.That(_server.Asked, Is.EqualTo(1));
    }

    [Test]
    public async Task Two_devices_that_change_places_keep_their_sessions()
    {
        _server.Keys["sensor-2"] = [new PreSharedKey("device-2", "battery staple"u8.ToArray())];
        using var otherLink = new UdpLink(_server.EndPoint);
        using var first = new SecureDevice(_link.EndPoint);
        using var second = new SecureDevice(otherLink.EndPoint, new DtlsClientSettings("sensor-2", "battery staple"u8.ToArray()));
        await first.AskAsync();
        await second.AskAsync();

        UdpLink.Swap(_link, otherLink);

        Assert.That(await first.AskAsync(), Is.EqualTo("device-1|0"));
        Assert.That(await second.AskAsync(), Is.EqualTo("device-2|0"));
        Assert.That(await first.AskAsync(), Is.EqualTo("device-1|0"));
        Assert.That(Handshakes, Is.EqualTo(2));
    }

    [Test]
    public async Task A_second_session_at_an_address_leaves_the_first_one_to_its_id()
    {
        _server.Keys["sensor-2"] = [new PreSharedKey("device-2", "battery staple"u8.ToArray())];
        using var first = new SecureDevice(_link.EndPoint);
        await first.AskAsync();
        using var second = new SecureDevice(_link.EndPoint, new DtlsClientSettings("sensor-2", "battery staple"u8.ToArray()));

        Assert.That(await second.AskAsync(), Is.EqualTo("device-2|0"));
        Assert.That(await first.AskAsync(), Is.EqualTo("device-1|0"));
        Assert.That(_server.Layer.Associations.Count, Is.EqualTo(2));
    }
}
