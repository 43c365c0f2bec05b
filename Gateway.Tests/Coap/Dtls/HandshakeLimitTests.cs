using Gateway.Coap.Dtls;
using Gateway.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Coap.Dtls;

/// <summary>Handshakes that come to no end, and more of them than there is room for.</summary>
internal sealed class HandshakeLimitTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<IDisposable> _rest = [];
    private Meters _meters = null!;

    [SetUp]
    public void SetUp() => _meters = new Meters();

    [TearDown]
    public void TearDown()
    {
        _rest.ForEach(part => part.Dispose());
        _rest.Clear();
        _meters.Dispose();
    }

    [Test]
    public async Task A_handshake_that_does_not_go_on_is_forgotten()
    {
        await using var server = await SecureServer.StartAsync(new DtlsSettings { HandshakeTimeoutSeconds = 60 }, time: _time, meters: _meters);
        await BeginAsync(server, 1);

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.That(server.Layer.Handshakes.Count, Is.EqualTo(1));
        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.That(server.Layer.Handshakes.Count, Is.Zero);
        Assert.That(_meters["gateway.coap.dtls.handshakes/timed_out"], Is.EqualTo(1));
        Assert.That(server.Layer.Associations.Count, Is.Zero);
    }

    // A stranger who holds one handshake open must not have what has been of all later ones held.
    [Test]
    public async Task One_that_is_over_is_not_kept_behind_one_that_is_not()
    {
        await using var server = await SecureServer.StartAsync(new DtlsSettings { HandshakesPerSecond = 0, PrefixHandshakesPerSecond = 0 }, time: _time, meters: _meters);
        await BeginAsync(server, 1);
        using var link = new UdpLink(server.EndPoint);
        using (var device = new SecureDevice(link.EndPoint))
        {
            await device.AskAsync();
        }

        Assert.That(server.Layer.Handshakes.Count, Is.EqualTo(1));
    }

    [Test]
    public async Task At_the_bound_the_oldest_handshake_ends_and_a_new_one_completes()
    {
        await using var server = await SecureServer.StartAsync(new DtlsSettings { MaxHandshakes = 4 }, meters: _meters);
        await BeginAsync(server, 12);
        Assert.That(server.Layer.Handshakes.Count, Is.LessThanOrEqualTo(4));

        using var device = new SecureDevice(server.EndPoint);

        Assert.That(await device.AskAsync(), Is.EqualTo("device-1|0"));
        Assert.That(server.Layer.Associations.Count, Is.EqualTo(1));
    }

    [Test]
    public async Task A_device_that_begins_anew_leaves_no_handshake_behind()
    {
        await using var server = await SecureServer.StartAsync(meters: _meters);
        using var link = new UdpLink(server.EndPoint);
        link.Passes = IsHello;
        using (var restarted = new SecureDevice(link.EndPoint))
        {
            Begin(restarted);
            await Eventually.HoldsAsync(() => server.Layer.Handshakes.Count == 1, "a handshake was begun");
        }

        link.Passes = _ => true;
        using var device = new SecureDevice(link.EndPoint);

        Assert.That(await device.AskAsync(), Is.EqualTo("device-1|0"));
        Assert.That((server.Layer.Handshakes.Count, server.Layer.Associations.Count), Is.EqualTo((0, 1)));
    }

    [Test]
    public async Task Who_is_held_back_gets_a_session_when_its_turn_comes()
    {
        await using var server = await SecureServer.StartAsync(
            new DtlsSettings { PrefixHandshakeBurst = 1, PrefixHandshakesPerSecond = 1 }, time: _time, meters: _meters);
        using var first = new SecureDevice(server.EndPoint);
        using var second = new SecureDevice(server.EndPoint);
        await first.AskAsync();

        var asking = second.AskAsync();
        await Eventually.HoldsAsync(() => server.Layer.Metrics.CountOf(DtlsDrop.HandshakeRate) > 0, "the second one was held back");
        Assert.That(server.Layer.Associations.Count, Is.EqualTo(1));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(await asking, Is.EqualTo("device-1|0"));
    }

    [Test]
    public async Task A_session_that_was_not_used_for_long_is_forgotten()
    {
        await using var server = await SecureServer.StartAsync(new DtlsSettings { SessionIdleHours = 1 }, time: _time, meters: _meters);
        using var device = new SecureDevice(server.EndPoint);
        await device.AskAsync();

        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.That(await device.AskAsync(), Is.EqualTo("device-1|0"));
        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.That(server.Layer.Associations.Count, Is.EqualTo(1));
        _time.Advance(TimeSpan.FromMinutes(3));

        Assert.That(server.Layer.Associations.Count, Is.Zero);
    }

    // Devices whose second flight never comes.
    private async Task BeginAsync(SecureServer server, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var link = new UdpLink(server.EndPoint) { Passes = IsHello };
            var device = new SecureDevice(link.EndPoint);
            _rest.AddRange([device, link]);
            Begin(device);
        }

        await Eventually.HoldsAsync(() => _meters["gateway.coap.dtls.handshakes.open"] + _meters.Count("gateway.coap.dtls.handshakes") >= count, "all were begun");
    }

    // It is closed before there is an answer.
    private static void Begin(SecureDevice device) => _ = device.AskAsync().ContinueWith(asked => _ = asked.Exception, TaskScheduler.Default);

    private static bool IsHello(byte[] datagram) => HelloCookies.IsHello(datagram);
}
