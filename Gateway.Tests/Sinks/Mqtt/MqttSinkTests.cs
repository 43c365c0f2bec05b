using System.Buffers;
using System.Globalization;
using System.Text;
using Gateway.Sinks;
using Gateway.Tests.Support;
using MQTTnet;

namespace Gateway.Tests.Sinks.Mqtt;

/// <summary>The sink with mosquitto, on the real wire.</summary>
internal sealed class MqttSinkTests
{
    private const string Anybody = "allow_anonymous true";
    private static readonly SinkMessage[] Two = [.. SomeMessages.Of("""{"device_id":"a","n":1}""", """{"device_id":"a","n":2}""").Select(message => message with { Index = "TEMPERATURE" })];

    private MosquittoServer _server = null!;

    [TearDown]
    public async Task StopAsync() => await _server.DisposeAsync();

    [TestCase("v5")]
    [TestCase("v311")]
    public async Task Messages_come_with_their_topic_and_id(string version)
    {
        await StartAsync(Anybody);
        await using var subscriber = await MqttSubscriber.StartAsync(_server.Port);
        await using var sink = Sink(Settings with { Version = Enum.Parse<MqttVersion>(version, ignoreCase: true) });

        var delivery = await sink.WriteAsync(Two, CancellationToken.None);

        Assert.That((delivery.Again, delivery.Refused), Is.EqualTo((Array.Empty<SinkMessage>(), Array.Empty<Refusal>())));
        await Eventually.HoldsAsync(() => subscriber.Messages.Count == 2, "both messages");
        Assert.That(subscriber.Messages.Select(message => message.Topic), Is.All.EqualTo("devices/282C024FFFB3/readings/TEMPERATURE"));
        Assert.That(subscriber.Messages.Select(MqttSubscriber.TextOf), Is.EqualTo(Two.Select(message => message.Text())));
        if (version is "v5")
        {
            Assert.That(subscriber.Messages[1].ContentType, Is.EqualTo("application/json"));
            Assert.That(subscriber.Messages[1].UserProperties.Select(property => $"{property.Name}={Encoding.UTF8.GetString(property.ValueBuffer.Span)}"),
                Is.EqualTo(new[] { $"message_id={SomeMessages.Journal}-2-0", "kind=reading", "revision=0" }));
        }
    }

    [Test]
    public async Task What_a_user_may_not_publish_is_refused_and_the_rest_goes_on()
    {
        await StartAsync(Anybody, "acl_file {folder}/acl");
        await using var sink = Sink(Settings);
        IReadOnlyList<SinkMessage> batch = [Two[0], Two[1] with { DeviceId = "secret" }, Two[1]];

        // mosquitto 2.0.11 closes the connection behind its refusal, and now and then the refusal is lost with it: what is left goes with the next try.
        var refused = new List<Refusal>();
        for (var tries = 0; tries < 20 && batch.Count > 0; tries++)
        {
            var delivery = await sink.WriteAsync(batch, CancellationToken.None);
            refused.AddRange(delivery.Refused);
            batch = delivery.Again;
        }

        Assert.That(batch, Is.Empty);
        Assert.That(refused.Select(refusal => (refusal.Message.DeviceId, refusal.Reason)), Is.EqualTo(new[] { ("secret", "the broker answered NotAuthorized") }));
    }

    [Test]
    public async Task What_is_too_large_is_refused_and_the_rest_goes_on()
    {
        await StartAsync(Anybody, "max_packet_size 1000");
        await using var sink = Sink(Settings);
        SinkMessage[] batch = [Two[0], Two[1] with { Body = Encoding.UTF8.GetBytes($"\"{new string('x', 1000)}\"") }, Two[1] with { DeviceId = new string('x', 70_000) }, Two[1]];

        var delivery = await sink.WriteAsync(batch, CancellationToken.None);

        Assert.That(delivery.Again, Is.Empty);
        Assert.That(delivery.Refused.Select(refusal => refusal.Reason), Is.EqualTo(new[]
        {
            "it makes a packet of 1142 bytes, and the broker takes 1000", "its topic is longer than the 65535 bytes that MQTT allows",
        }));
    }

    [Test]
    public async Task A_user_and_password_let_the_sink_in()
    {
        // The password "s3cret", as mosquitto_passwd writes it.
        await StartAsync("allow_anonymous false", "password_file {folder}/passwords");
        await using var stranger = Sink(Settings with { User = "gateway", Password = "wrong" });
        await using var friend = Sink(Settings with { User = "gateway", Password = "s3cret" });

        Assert.That(async () => await stranger.WriteAsync(Two, CancellationToken.None),
            Throws.TypeOf<IOException>().With.Message.Contains("did not let the sink in").And.Message.Not.Contains("wrong"));
        Assert.That((await friend.WriteAsync(Two, CancellationToken.None)).Again, Is.Empty);
    }

    [Test]
    public async Task Others_see_whether_the_sink_is_there()
    {
        await StartAsync(Anybody);
        await using var subscriber = await MqttSubscriber.StartAsync(_server.Port);
        await using var link = new TcpLink(_server.Port);
        var settings = Settings with { Will = new MqttWillSettings { Topic = "gateway/status" } };
        await using (var sink = Sink(settings))
        {
            await sink.WriteAsync(Two, CancellationToken.None);
        }

        string[] Said() => [.. subscriber.Messages.Where(message => message.Topic == "gateway/status").Select(MqttSubscriber.TextOf)];
        await Eventually.HoldsAsync(() => Said().SequenceEqual(["online", "offline"]), "it comes and goes");

        await using var lost = Sink(settings with { Url = $"mqtt://{link}" });
        await lost.WriteAsync(Two, CancellationToken.None);
        await link.CutAsync();
        await Eventually.HoldsAsync(() => Said().SequenceEqual(["online", "offline", "online", "offline"]), "the broker says it in its place");
    }

    [Test]
    public async Task TLS_trusts_whom_the_settings_name()
    {
        using var authority = new TestAuthority();
        _server = new MosquittoServer(Anybody, "cafile {folder}/ca.pem", "certfile {folder}/server.pem", "keyfile {folder}/server.key", "require_certificate true");
        authority.Write(_server.Folder);
        await _server.StartAsync();
        var settings = Settings with { Url = $"mqtts://localhost:{_server.Port}" };
        var own = new TlsSettings { CertificateFile = _server.Folder.PathOf("client.pem"), KeyFile = _server.Folder.PathOf("client.key") };
        await using var wary = Sink(settings with { Tls = own });
        await using var friend = Sink(settings with { Tls = own with { CaFile = _server.Folder.PathOf("ca.pem") } });
        await using var careless = Sink(settings with { Tls = own with { Verify = false } });
        await using var misled = Sink(settings with { Url = $"mqtts://127.0.0.1:{_server.Port}", Tls = own with { CaFile = _server.Folder.PathOf("ca.pem") } });

        Assert.That(async () => await wary.WriteAsync(Two, CancellationToken.None), Throws.Exception, "nobody knows that authority");
        Assert.That(async () => await misled.WriteAsync(Two, CancellationToken.None), Throws.Exception, "the certificate has another name");
        Assert.That((await friend.WriteAsync(Two, CancellationToken.None)).Again, Is.Empty);
        Assert.That((await careless.WriteAsync(Two, CancellationToken.None)).Again, Is.Empty);
    }

    [TestCase("v5")]
    [TestCase("v311")]
    public async Task Nothing_is_lost_while_the_broker_comes_and_goes(string version)
    {
        const int ofEach = 600;
        await StartAsync(Anybody);
        var arrivals = new Arrivals();
        await using var subscriber = await MqttSubscriber.StartAsync(_server.Port);
        subscriber.Received += message => arrivals.Add(message.Payload.ToArray(), IdIn(message));
        await using var link = new TcpLink(_server.Port, [.. Enumerable.Range(1, 10).Select(i => (i * 40_000L, (Func<Task>)(i % 2 == 0 ? _server.RestartAsync : () => Task.CompletedTask)))]);
        await using var use = new SinkInUse();

        await use.DeliverAsync(use.Settings(Settings) with { Url = $"mqtt://{link}", Version = Enum.Parse<MqttVersion>(version, ignoreCase: true) }, ofEach);

        await use.IsDoneAsync();
        await Eventually.HoldsAsync(() => arrivals.Distinct == SinkInUse.Devices * ofEach, "all have arrived");
        Assert.That(link.Broken, Is.EqualTo(10), $"breaks, within {link.Bytes} bytes");
        arrivals.AreWhole(SinkInUse.Devices, ofEach);
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{arrivals.Count - arrivals.Distinct} of {arrivals.Distinct} came twice"));
    }

    private static string IdIn(MqttApplicationMessage message)
    {
        using var json = System.Text.Json.JsonDocument.Parse(message.Payload);
        return json.RootElement.GetProperty("message_id").GetString()!;
    }

    private static MqttSink Sink(MqttSinkSettings settings) => new("a", settings, TimeProvider.System);

    private MqttSinkSettings Settings => new() { Url = $"mqtt://127.0.0.1:{_server.Port}" };

    private async Task StartAsync(params string[] lines)
    {
        _server = new MosquittoServer(lines);
        _server.Folder.Write("acl", "topic write devices/282C024FFFB3/#\n");
        _server.Folder.Write("passwords", MosquittoPassword.Line("gateway", "s3cret"));
        await _server.StartAsync();
    }
}
