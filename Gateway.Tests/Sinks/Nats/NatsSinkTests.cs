using System.Text;
using Gateway.Sinks;
using Gateway.Tests.Support;
using NATS.Client.Core;
using NATS.Client.JetStream.Models;
using NATS.NKeys;

namespace Gateway.Tests.Sinks.Nats;

/// <summary>The sink with nats-server, on the real wire.</summary>
internal sealed class NatsSinkTests
{
    private static readonly NatsAuthOpts Admin = new() { Username = "admin", Password = "adm1n" };
    private static readonly SinkMessage[] Two = [.. SomeMessages.Of("""{"device_id":"a","n":1}""", """{"device_id":"a","n":2}""").Select(message => message with { Index = "TEMPERATURE" })];

    private NatsServer _server = null!;

    private NatsSinkSettings Settings => new() { Url = $"nats://127.0.0.1:{_server.Port}" };

    [TearDown]
    public async Task StopAsync() => await _server.DisposeAsync();

    [Test]
    public async Task Messages_come_with_their_subject_and_id_into_a_stream_that_was_not_there()
    {
        await StartAsync();
        await using var sink = Sink(Settings);

        await TakesAsync(sink, Two);
        await TakesAsync(sink, Two);

        var messages = await _server.ReadAsync("readings");
        Assert.That(messages.Select(message => message.Data), Is.EqualTo(Two.Select(message => message.Text())), "what came twice is there once");
        Assert.That(messages.Select(message => message.Subject), Is.All.EqualTo("devices.282C024FFFB3.readings.TEMPERATURE"));
        var headers = messages[1].Headers!;
        Assert.That((headers["Nats-Msg-Id"].ToString(), headers["Content-Type"].ToString()), Is.EqualTo(($"{SomeMessages.Journal}-2-0", "application/json")));
        Assert.That((headers["Gateway-Kind"].ToString(), headers["Gateway-Revision"].ToString()), Is.EqualTo(("reading", "0")));
        var stream = await _server.UseAsync(async jetStream => (await jetStream.GetStreamAsync("readings")).Info.Config);
        Assert.That((stream.DuplicateWindow, stream.MaxAge, stream.Storage), Is.EqualTo((TimeSpan.FromMinutes(10), TimeSpan.FromDays(30), StreamConfigStorage.File)));
    }

    [Test]
    public async Task What_a_user_may_not_publish_is_refused_and_the_rest_goes_on()
    {
        await StartAsync(
            "authorization { users = [ { user: admin, password: adm1n },",
            """{ user: gateway, password: s3cret, permissions: { publish: { allow: [ "devices.>", "$JS.API.>" ], deny: 'devices.se"cret.>' } } } ] }""");
        await using var sink = Sink(Settings with { User = "gateway", Password = "s3cret" });
        SinkMessage[] batch = [Two[0], .. Enumerable.Range(3, 20).Select(i => Of("se\"cret", i)), Two[1]];

        var first = await sink.WriteAsync(batch, CancellationToken.None);
        var second = await sink.WriteAsync([Of("se\"cret", 40), Of("b", 41)], CancellationToken.None);

        Assert.That((first.Again, first.Refused.Count), Is.EqualTo((Array.Empty<SinkMessage>(), 20)), first.Problem);
        Assert.That((second.Again, second.Refused.Count), Is.EqualTo((Array.Empty<SinkMessage>(), 1)), second.Problem);
        Assert.That(first.Refused[0].Reason, Does.StartWith("the server says: Permissions Violation for Publish to \"devices.se"));
        Assert.That((await _server.ReadAsync("readings", Admin)).Select(message => message.Subject.Split('.')[1]), Is.EqualTo(new[] { "282C024FFFB3", "282C024FFFB3", "b" }));
    }

    [Test]
    public async Task What_is_too_large_is_refused_and_the_rest_goes_on()
    {
        await StartAsync("max_payload: 2000");
        await _server.UseAsync(async jetStream => await jetStream.CreateStreamAsync(new StreamConfig("readings", ["devices.>"]) { MaxMsgSize = 1000 }));
        await using var sink = Sink(Settings);
        SinkMessage[] batch = [Two[0], Of("a", 3) with { Body = new byte[2000] }, Of("a", 4) with { Body = new byte[1000] }, Of(new string('x', 3000), 5), Two[1]];

        var delivery = await sink.WriteAsync(batch, CancellationToken.None);

        Assert.That(delivery.Again, Is.Empty, delivery.Problem);
        Assert.That(delivery.Refused.Select(refusal => refusal.Reason), Is.EqualTo(new[]
        {
            "with its headers it is larger than the 2000 bytes that the server takes", "message size exceeds maximum allowed (10054)",
            "its subject is longer than the 2048 bytes that a server takes",
        }));
        Assert.That(await _server.ReadAsync("readings"), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_subject_that_no_stream_takes_is_waited_for()
    {
        await StartAsync();
        await using var sink = Sink(Settings with { CreateStream = false });

        Assert.That((await sink.WriteAsync(Two, CancellationToken.None)).Problem, Is.EqualTo("no stream takes the subject devices.282C024FFFB3.readings.TEMPERATURE"));
        await _server.UseAsync(async jetStream => await jetStream.CreateStreamAsync(new StreamConfig("other", ["devices.>"])));
        Assert.That((await sink.WriteAsync(Two, CancellationToken.None)).Problem, Is.EqualTo("the subject devices.282C024FFFB3.readings.TEMPERATURE is of another stream than readings"));
        await _server.UseAsync(async jetStream => await jetStream.DeleteStreamAsync("other"));
        await using var maker = Sink(Settings);
        await TakesAsync(maker, Two[..1]);
        await TakesAsync(sink, Two);
        Assert.That(await _server.ReadAsync("readings"), Has.Count.EqualTo(2));
    }

    [TestCase("gateway", "wrong", null, "Authorization Violation")]
    [TestCase(null, null, "wrong", "Authorization Violation")]
    [TestCase("narrow", "s3cret", null, "the server says: Permissions Violation for Publish to \"$JS.API.STREAM.INFO.readings\"")]
    [TestCase("deaf", "s3cret", null, "the server says: Permissions Violation for Subscription to \"_INBOX")]
    public async Task Who_is_not_let_in_is_told_why(string? user, string? password, string? token, string problem)
    {
        await StartAsync(
            "authorization { users = [ { user: gateway, password: s3cret },",
            "{ user: narrow, password: s3cret, permissions: { publish: \"devices.>\" } }, { user: deaf, password: s3cret, permissions: { subscribe: \"none\" } } ] }");
        await using var sink = Sink(Settings with { User = user, Password = password, Token = token });

        Assert.That(async () => await sink.WriteAsync(Two, CancellationToken.None),
            Throws.TypeOf<IOException>().With.Message.Contains(problem).And.Message.Not.Contains("wrong").And.Message.Not.Contains("s3cret"));
    }

    [Test]
    public async Task A_token_or_an_NKey_lets_the_sink_in()
    {
        await StartAsync("authorization { token: \"s3cret\" }");
        await using var friend = Sink(Settings with { Token = "s3cret" });
        await TakesAsync(friend, Two);
        await _server.DisposeAsync();

        using var key = KeyPair.CreatePair(PrefixByte.User);
        await StartAsync($"authorization {{ users = [ {{ nkey: {key.GetPublicKey()} }} ] }}");
        await using var other = Sink(Settings with { NkeyFile = _server.Folder.Write("user.nk", key.GetSeed()) });
        await TakesAsync(other, Two);

        await using var damaged = Sink(Settings with { NkeyFile = _server.Folder.Write("damaged.nk", "SUNOSEED") });
        Assert.That(async () => await damaged.WriteAsync(Two, CancellationToken.None), Throws.TypeOf<InvalidDataException>().With.Message.Contains("is damaged").And.Message.Not.Contains("NOSEED"));
    }

    [Test]
    public async Task TLS_trusts_whom_the_settings_name()
    {
        using var authority = new TestAuthority();
        _server = new NatsServer("tls { cert_file: \"{folder}/server.pem\", key_file: \"{folder}/server.key\", ca_file: \"{folder}/ca.pem\", verify: true }");
        authority.Write(_server.Folder);
        await _server.StartAsync();
        var settings = Settings with { Url = $"tls://localhost:{_server.Port}" };
        var own = new TlsSettings { CertificateFile = _server.Folder.PathOf("client.pem"), KeyFile = _server.Folder.PathOf("client.key") };
        var trusting = own with { CaFile = _server.Folder.PathOf("ca.pem") };
        await using var wary = Sink(settings with { Tls = own });
        await using var friend = Sink(settings with { Tls = trusting });
        await using var careless = Sink(settings with { Tls = own with { Verify = false } });
        await using var misled = Sink(settings with { Url = $"tls://127.0.0.1:{_server.Port}", Tls = trusting });
        await using var open = Sink(Settings);

        Assert.That(async () => await wary.WriteAsync(Two, CancellationToken.None), Throws.TypeOf<IOException>().With.Message.Contains("certificate"), "nobody knows that authority");
        Assert.That(async () => await misled.WriteAsync(Two, CancellationToken.None), Throws.TypeOf<IOException>().With.Message.Contains("certificate"), "the certificate has another name");
        Assert.That(async () => await open.WriteAsync(Two, CancellationToken.None), Throws.TypeOf<IOException>().With.Message.Contains("requires TLS"));
        await TakesAsync(friend, Two);
        await TakesAsync(careless, Two);
    }

    [Test]
    public async Task Nothing_is_lost_nor_doubled_while_the_server_comes_and_goes()
    {
        const int ofEach = 600;
        await StartAsync();
        await using var link = new TcpLink(_server.Port, [.. Enumerable.Range(1, 10).Select(i => (i * 40_000L, (Func<Task>)(i % 2 == 0 ? _server.RestartAsync : () => Task.CompletedTask)))]);
        await using var use = new SinkInUse();

        await use.DeliverAsync(use.Settings(Settings) with { Url = $"nats://{link}" }, ofEach);

        await use.IsDoneAsync();
        Assert.That(link.Broken, Is.EqualTo(10), $"breaks, within {link.Bytes} bytes");
        var arrivals = new Arrivals();
        foreach (var message in await _server.ReadAsync("readings"))
        {
            arrivals.Add(Encoding.UTF8.GetBytes(message.Data!), message.Headers!["Nats-Msg-Id"].ToString());
        }

        arrivals.AreWhole(SinkInUse.Devices, ofEach);
        Assert.That(arrivals.Count, Is.EqualTo(arrivals.Distinct), "no message is there twice");
    }

    private static SinkMessage Of(string device, int sequence) => Two[0] with { DeviceId = device, Id = new MessageId(SomeMessages.Journal, sequence, 0) };

    private static NatsSink Sink(NatsSinkSettings settings) => new("a", settings, TimeProvider.System);

    private static async Task TakesAsync(NatsSink sink, SinkMessage[] batch)
    {
        var delivery = await sink.WriteAsync(batch, CancellationToken.None);
        Assert.That((delivery.Again, delivery.Refused), Is.EqualTo((Array.Empty<SinkMessage>(), Array.Empty<Refusal>())), delivery.Problem);
    }

    private async Task StartAsync(params string[] lines)
    {
        _server = new NatsServer(lines);
        await _server.StartAsync();
    }
}
