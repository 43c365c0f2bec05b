using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Coap;
using Gateway.Coap.Dtls;
using Gateway.Tests.Support;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>Our own client: the sessions it gets, and what it says when it gets none.</summary>
internal sealed class OwnClientTests
{
    private Meters _meters = null!;
    private SecureServer _server = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _meters = new Meters();
        _server = await SecureServer.StartAsync(meters: _meters);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _server.DisposeAsync();
        _meters.Dispose();
    }

    [TestCaseSource(nameof(SuitesWithKeys))]
    public async Task It_speaks(string suite)
    {
        using var device = new SecureDevice(_server.EndPoint, SecureDevice.Sensor1 with { Suites = [.. RecordSuite.All.Where(known => known.Name == suite)] });

        var answer = await device.AskAsync(payload: "12345");

        Assert.That(answer, Is.EqualTo("device-1|5"));
        Assert.That(_server.Layer.Associations.ToArray().Single().Suite.Name, Is.EqualTo(suite));
    }

    [TestCase(null, false)]
    [TestCase("", true)]
    [TestCase("c0ffee", true)]
    [TestCase("c0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffee", true)]
    public async Task Each_side_has_the_connection_id_that_it_asked_for(string? own, bool serverHasOne)
    {
        using var device = new SecureDevice(_server.EndPoint, SecureDevice.Sensor1 with { ConnectionId = own is null ? null : Convert.FromHexString(own) });

        Assert.That(await device.AskAsync(), Is.EqualTo("device-1|0"));
        Assert.That((await device.SendAsync("/large", [])).Payload.Length, Is.EqualTo(5000));
        Assert.That(_server.Layer.Associations.ToArray().Single().HasConnectionId, Is.EqualTo(serverHasOne));
    }

    [Test]
    public async Task All_requests_share_a_session()
    {
        using var device = new SecureDevice(_server.EndPoint);

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(number => device.AskAsync(payload: new string('x', number))));

        Assert.That(answers, Is.EqualTo(Enumerable.Range(0, 5).Select(number => $"device-1|{number}")));
        Assert.That(_meters["gateway.coap.dtls.handshakes/completed"], Is.EqualTo(1));
    }

    [Test]
    public async Task A_session_ends_when_the_client_is_closed()
    {
        using (var device = new SecureDevice(_server.EndPoint))
        {
            await device.AskAsync();
            Assert.That(_server.Layer.Associations.Count, Is.EqualTo(1));
        }

        await Eventually.HoldsAsync(() => _server.Layer.Associations.Count == 0, "the server forgot the session");
    }

    [Test]
    public async Task It_shakes_hands_again_when_the_server_has_ended_the_session()
    {
        using var device = new SecureDevice(_server.EndPoint);
        await device.AskAsync();

        _server.Layer.EndSessions("sensor-1");
        Assert.That(await device.AskAtLastAsync(), Is.EqualTo("device-1|0"));
        Assert.That(_meters["gateway.coap.dtls.handshakes/completed"], Is.EqualTo(2));
    }

    [Test]
    public async Task It_shakes_hands_again_when_the_server_has_forgotten_the_session()
    {
        using var device = new SecureDevice(_server.EndPoint, patience: SecureDevice.Impatient);
        await device.AskAtLastAsync();
        _server.Layer.Associations.Remove(_server.Layer.Associations.ToArray().Single());

        var failure = Assert.ThrowsAsync<CoapClientException>(() => device.AskAsync());

        Assert.That(failure.Error, Is.EqualTo(CoapClientError.TimedOut));
        Assert.That(await device.AskAtLastAsync(), Is.EqualTo("device-1|0"));
    }

    [TestCase("sensor-1", "battery staple")]
    [TestCase("nobody", "correct horse")]
    public void It_says_that_the_key_is_not_the_right_one(string identity, string key)
    {
        using var device = new SecureDevice(_server.EndPoint, new DtlsClientSettings(identity, Encoding.UTF8.GetBytes(key)));

        var failure = Assert.ThrowsAsync<CoapClientException>(() => device.AskAsync());

        Assert.That(failure.Error, Is.EqualTo(CoapClientError.HandshakeFailed));
        Assert.That(failure.Message, Does.Contain("decrypt_error").And.Contain($"\"{identity}\"").And.Not.Contain(key));
        Assert.That(_server.Asked, Is.Zero);
    }

    [Test]
    public void It_says_that_nothing_listens_there()
    {
        using var unused = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        unused.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = (IPEndPoint)unused.LocalEndPoint!;
        unused.Dispose();
        using var device = new SecureDevice(address);

        var failure = Assert.ThrowsAsync<CoapClientException>(() => device.AskAsync());

        Assert.That((failure.Error, failure.Message), Is.EqualTo((CoapClientError.Unreachable, failure.Message)));
        Assert.That(failure.Message, Does.Contain(address.ToString()));
    }

    [Test]
    public void It_says_that_nobody_shakes_hands_there()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var device = new SecureDevice((IPEndPoint)silent.LocalEndPoint!, patience: SecureDevice.Impatient);

        var failure = Assert.ThrowsAsync<CoapClientException>(() => device.AskAsync());

        Assert.That(failure.Error, Is.EqualTo(CoapClientError.TimedOut));
        Assert.That(failure.Message, Does.Contain("DTLS handshake"));
    }

    [Test]
    public void Without_a_key_it_does_not_ask()
    {
        using var client = new CoapClient(TimeProvider.System, new Random(1));
        Assert.That(CoapUri.TryParse(_server.Uri("/who"), out var uri, out _), Is.True);

        var failure = Assert.ThrowsAsync<CoapClientException>(() => client.SendAsync(new ClientRequest(CoapCode.Get, uri!), CancellationToken.None));

        Assert.That(failure.Error, Is.EqualTo(CoapClientError.HandshakeFailed));
    }

    [Test]
    public async Task A_handshake_that_was_lost_is_begun_again_and_serves_all_that_wait()
    {
        using var link = new UdpLink(_server.EndPoint);
        using var device = new SecureDevice(link.EndPoint);
        link.Passes = _ => false;
        var asking = device.AskAsync();
        await Eventually.HoldsAsync(() => link.Sent.Count > 0, "the handshake began");

        var another = device.AskAsync(payload: "1");
        link.Passes = _ => true;

        Assert.That(await asking, Is.EqualTo("device-1|0"));
        Assert.That(await another, Is.EqualTo("device-1|1"));
        Assert.That(_meters["gateway.coap.dtls.handshakes/completed"], Is.EqualTo(1));
    }

    private static IEnumerable<string> SuitesWithKeys() => RecordSuite.All.Where(suite => !suite.NeedsCertificate).Select(suite => suite.Name);
}
