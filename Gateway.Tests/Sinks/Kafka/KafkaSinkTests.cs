using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Gateway.Sinks;
using Gateway.Tests.Support;

namespace Gateway.Tests.Sinks.Kafka;

/// <summary>The sink with librdkafka's mock brokers, on the real wire.</summary>
internal sealed class KafkaSinkTests
{
    private const int Partitions = 4;
    private static readonly SinkMessage[] Three = SomeMessages.Of("""{"n":1}""", """{"n":2}""", """{"n":3}""");

    private readonly RecordedLog _log = new();
    private KafkaCluster _cluster = null!;

    [SetUp]
    public void Start()
    {
        _cluster = new KafkaCluster(3);
        _cluster.CreateTopic("readings", Partitions);
    }

    [TearDown]
    public void Stop() => _cluster.Dispose();

    [OneTimeTearDown]
    public void End() => _log.Dispose();

    [Test]
    public async Task Messages_come_with_their_key_and_headers()
    {
        await using var reader = Reader();
        await using var sink = Sink(Settings);

        var delivery = await sink.WriteAsync(Three, CancellationToken.None);

        Assert.That((delivery.Again, delivery.Refused), Is.EqualTo((Array.Empty<SinkMessage>(), Array.Empty<Refusal>())));
        await Eventually.HoldsAsync(() => reader.Messages.Count == 3, "all messages");
        Assert.That(reader.Messages.Select(KafkaReader.TextOf), Is.EqualTo(Three.Select(message => message.Text())));
        Assert.That(reader.Messages.Select(message => Encoding.UTF8.GetString(message.Message.Key!)), Is.All.EqualTo("282C024FFFB3"));
        Assert.That(reader.Messages[1].Message.Headers.Select(header => $"{header.Key}={Encoding.UTF8.GetString(header.GetValueBytes())}"),
            Is.EqualTo(new[] { $"message_id={SomeMessages.Journal}-2-0", "kind=reading", "revision=0", "content_type=application/json" }));
    }

    [Test]
    public async Task Each_kind_has_its_topic_and_who_nobody_knows_has_no_key()
    {
        foreach (var topic in new[] { "r", "c", "e" })
        {
            _cluster.CreateTopic(topic, Partitions);
        }

        await using var sink = Sink(Settings with { Topics = new KafkaTopicsSettings { Readings = "r", CommandEvents = "c", Errors = "e" } });
        await sink.WriteAsync([Three[0], Three[1] with { Kind = MessageKind.CommandEvent }, Three[2] with { Kind = MessageKind.Error, DeviceId = "" }], CancellationToken.None);

        foreach (var (topic, text, kind) in new[] { ("r", Three[0].Text(), "reading"), ("c", Three[1].Text(), "command_event"), ("e", Three[2].Text(), "error") })
        {
            await using var reader = new KafkaReader(_cluster.Servers, topic, Partitions);
            await Eventually.HoldsAsync(() => reader.Messages.Count == 1, topic);
            Assert.That((KafkaReader.TextOf(reader.Messages[0]), KafkaReader.HeaderOf(reader.Messages[0], "kind")), Is.EqualTo((text, kind)));
            Assert.That(reader.Messages[0].Message.Key, topic == "e" ? Is.Null : Is.Not.Null);
        }
    }

    // By Kafka's own clients, of four partitions: murmur2("21") and so on, as its UtilsTest has them.
    [TestCase("21", -973932308)]
    [TestCase("foobar", -790332482)]
    [TestCase("a-little-bit-long-string", -985981536)]
    [TestCase("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    public async Task A_device_is_in_the_partition_where_Java_clients_look_for_it(string device, int murmur2)
    {
        await using var reader = Reader();
        await using var sink = Sink(Settings);

        await sink.WriteAsync([Three[0] with { DeviceId = device }], CancellationToken.None);

        await Eventually.HoldsAsync(() => reader.Messages.Count == 1, "the message");
        Assert.That(reader.Messages[0].Partition.Value, Is.EqualTo((murmur2 & int.MaxValue) % Partitions));
    }

    [TestCase(KafkaCompression.None)]
    [TestCase(KafkaCompression.Gzip)]
    [TestCase(KafkaCompression.Snappy)]
    [TestCase(KafkaCompression.Lz4)]
    [TestCase(KafkaCompression.Zstd)]
    public async Task Each_compression_is_one_that_readers_know(KafkaCompression compression)
    {
        await using var reader = Reader();
        await using var sink = Sink(Settings with { Compression = compression });
        var long1 = Three[0] with { Body = Encoding.UTF8.GetBytes($"\"{new string('x', 10_000)}\"") };

        Assert.That((await sink.WriteAsync([long1], CancellationToken.None)).Again, Is.Empty);

        await Eventually.HoldsAsync(() => reader.Messages.Count == 1, "the message");
        Assert.That(KafkaReader.TextOf(reader.Messages[0]), Is.EqualTo(long1.Text()));
    }

    [Test]
    public async Task What_is_too_large_is_refused_and_the_rest_goes_on()
    {
        await using var reader = Reader();
        await using var sink = Sink(Settings with { Options = new Dictionary<string, string> { ["message.max.bytes"] = "2000" } });

        var delivery = await sink.WriteAsync([Three[0], Three[1] with { Body = new byte[3000] }, Three[2]], CancellationToken.None);

        Assert.That(delivery.Again, Is.Empty);
        Assert.That(delivery.Refused.Single().Reason, Does.StartWith("it is longer than the option message.max.bytes allows"));
        await Eventually.HoldsAsync(() => reader.Messages.Count == 2, "the others");
    }

    [TestCase(ErrorCode.MsgSizeTooLarge)]
    [TestCase(ErrorCode.InvalidRecord)]
    public async Task Of_a_batch_that_a_broker_refuses_only_the_message_that_is_to_blame_is_left_out(ErrorCode code)
    {
        await using var reader = Reader();
        await using var sink = Sink(Settings);

        // First the batch as a whole, then, one by one, the second.
        _cluster.Answer(code, ErrorCode.NoError, code);
        var delivery = await sink.WriteAsync(Three, CancellationToken.None);

        Assert.That(delivery.Again, Is.Empty);
        Assert.That(delivery.Refused.Select(refusal => refusal.Message), Is.EqualTo(new[] { Three[1] }));
        Assert.That(delivery.Refused[0].Reason, Does.StartWith($"the broker answered {code}"));
        await Eventually.HoldsAsync(() => reader.Messages.Count == 2, "the others");
        Assert.That(reader.Messages.Select(KafkaReader.TextOf), Is.EqualTo(new[] { Three[0].Text(), Three[2].Text() }));

        Assert.That((await sink.WriteAsync(Three, CancellationToken.None)).Again, Is.Empty, "the next batch goes at once");
    }

    [Test]
    public async Task A_topic_that_may_not_be_written_to_is_tried_again_and_no_message_is_to_blame()
    {
        await using var sink = Sink(Settings);
        _cluster.Answer(ErrorCode.TopicAuthorizationFailed);

        var delivery = await sink.WriteAsync(Three, CancellationToken.None);

        Assert.That(delivery.Refused, Is.Empty);
        Assert.That(delivery.Again, Is.EqualTo(Three));
        Assert.That(delivery.Problem, Does.Contain("TopicAuthorizationFailed"));
        Assert.That((await sink.WriteAsync(delivery.Again, CancellationToken.None)).Again, Is.Empty, "the right was given");
    }

    [Test]
    public async Task A_topic_that_is_not_there_yet_is_waited_for()
    {
        await using var reader = Reader();
        await using var sink = Sink(Settings with { TimeoutSeconds = 1 });
        _cluster.Say("readings", ErrorCode.UnknownTopicOrPart);

        var delivery = await sink.WriteAsync(Three, CancellationToken.None);
        Assert.That((delivery.Again, delivery.Refused.Count), Is.EqualTo((Three, 0)));
        Assert.That(delivery.Problem, Does.Contain("Unknown topic"));

        _cluster.Say("readings", ErrorCode.NoError);
        Assert.That((await sink.WriteAsync(Three, CancellationToken.None)).Again, Is.Empty);
        await Eventually.HoldsAsync(() => reader.Messages.Count == 3, "each once");
    }

    [TestCase(ErrorCode.NotLeaderForPartition)]
    [TestCase(ErrorCode.NotEnoughReplicas)]
    [TestCase(ErrorCode.RequestTimedOut)]
    [TestCase(ErrorCode.Local_Transport)]
    public async Task What_is_only_for_now_librdkafka_tries_again_itself(ErrorCode code)
    {
        await using var sink = Sink(Settings);
        _cluster.Answer(code, code);

        Assert.That((await sink.WriteAsync(Three, CancellationToken.None)).Again, Is.Empty);
    }

    [Test]
    public async Task Brokers_that_are_away_are_named_and_get_everything_when_they_are_back()
    {
        await using var reader = Reader();
        await using var sink = Sink(Settings with { TimeoutSeconds = 1 });
        _cluster.Stop();

        var delivery = await sink.WriteAsync(Three, CancellationToken.None);
        Assert.That(delivery.Again, Is.EqualTo(Three));
        Assert.That(delivery.Problem, Does.StartWith("the server did not answer within 1 s; the last error was: ").And.Contain("Connection refused"));

        _cluster.Start();
        Assert.That((await sink.WriteAsync(Three, CancellationToken.None)).Again, Is.Empty);
        await Eventually.HoldsAsync(() => reader.Messages.Count == 3, "each once");
    }

    // Confluent.Kafka holds on to a message until it is reported on, and hears no reports after a Dispose.
    [Test]
    public async Task What_a_producer_still_has_is_reported_before_it_is_gone()
    {
        _cluster.Stop();
        Task<Error>[] answers;
        await using (var producer = new KafkaProducer(Settings, new KafkaLog("a", "kafka", TimeProvider.System, _log)))
        {
            answers = [.. Three.Select(producer.Send)];
            Assert.That(answers, Has.None.Matches<Task>(answer => answer.IsCompleted));
        }

        Assert.That(answers.Select(answer => answer.IsCompleted ? answer.Result.Code : ErrorCode.NoError), Is.All.EqualTo(ErrorCode.Local_PurgeQueue));
    }

    [Test]
    public async Task Brokers_that_are_silent_are_given_up_and_nothing_is_out_of_order()
    {
        await using var reader = Reader();
        await using var sink = Sink(Settings with { TimeoutSeconds = 1 });
        await TakenAsync([Three[0]]);
        _cluster.Delay(60_000);
        var delivery = await sink.WriteAsync([Three[1], Three[2]], CancellationToken.None);
        Assert.That(delivery.Again, Has.Count.EqualTo(2));

        _cluster.Delay(0);
        await TakenAsync(delivery.Again);

        // The brokers may be slow to come, and to come back, and are given up once more.
        async Task TakenAsync(IReadOnlyList<SinkMessage> messages)
        {
            for (var tries = 0; tries < 20 && messages.Count > 0; tries++)
            {
                messages = (await sink.WriteAsync(messages, CancellationToken.None)).Again;
            }

            Assert.That(messages, Is.Empty);
        }

        string[] Came() => [.. reader.Messages.Select(KafkaReader.TextOf).Distinct()];
        await Eventually.HoldsAsync(() => Came().Length == 3, "all");
        Assert.That(Came(), Is.EqualTo(Three.Select(message => message.Text())));
    }

    // The mock has no TLS: something in front of it has.
    [Test]
    public async Task TLS_trusts_whom_the_settings_name()
    {
        using var authority = new TestAuthority();
        using var folder = new TempFolder();
        authority.Write(folder);
        using var cluster = new KafkaCluster();
        await using var front = new TlsFront(cluster.Port, folder.PathOf("server.pem"), folder.PathOf("server.key"));
        cluster.AdvertiseAt(front.Port, "localhost");
        var settings = Settings with
        {
            Servers = [string.Create(CultureInfo.InvariantCulture, $"localhost:{front.Port}")],
            Security = KafkaSecurity.Tls,
            TimeoutSeconds = 2,
        };
        var own = new TlsSettings { CertificateFile = folder.PathOf("client.pem"), KeyFile = folder.PathOf("client.key") };
        var trusting = own with { CaFile = folder.PathOf("ca.pem") };
        await using var wary = Sink(settings with { Tls = own });
        await using var misled = Sink(settings with { Tls = trusting, Servers = [string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{front.Port}")] });
        await using var friend = Sink(settings with { Tls = trusting, TimeoutSeconds = 20 });
        await using var careless = Sink(settings with { Tls = own with { Verify = false }, TimeoutSeconds = 20 });

        Assert.That((await wary.WriteAsync(Three, CancellationToken.None)).Problem, Does.Contain("certificate"), "nobody knows that authority");
        Assert.That((await misled.WriteAsync(Three, CancellationToken.None)).Problem, Does.Contain("certificate"), "the certificate has another name");
        Assert.That((await friend.WriteAsync(Three, CancellationToken.None)).Again, Is.Empty);
        Assert.That((await careless.WriteAsync(Three, CancellationToken.None)).Again, Is.Empty);
    }

    [Test]
    public async Task Nothing_is_lost_while_the_brokers_come_and_go()
    {
        const int ofEach = 600;
        using var cluster = new KafkaCluster();
        cluster.CreateTopic("readings", Partitions);
        var arrivals = new Arrivals();
        await using var link = new TcpLink(cluster.Port, [.. Enumerable.Range(1, 10).Select(i => (i * 15_000L, (Func<Task>)(i % 2 == 0 ? cluster.RestartAsync : () => Task.CompletedTask)))]);
        cluster.AdvertiseAt(link.Port);
        await using var reader = new KafkaReader([link.ToString()], "readings", Partitions, message => arrivals.Add(message.Message.Value, KafkaReader.HeaderOf(message, "message_id")));
        await using var use = new SinkInUse();

        await use.DeliverAsync(use.Settings(Settings) with { Servers = [link.ToString()], Compression = KafkaCompression.None }, ofEach);

        await use.IsDoneAsync();
        await Eventually.HoldsAsync(() => arrivals.Distinct == SinkInUse.Devices * ofEach, "all have arrived");
        Assert.That(link.Broken, Is.EqualTo(10), $"breaks, within {link.Bytes} bytes");
        arrivals.AreWhole(SinkInUse.Devices, ofEach);
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{arrivals.Count - arrivals.Distinct} of {arrivals.Distinct} came twice"));
    }

    private KafkaReader Reader() => new(_cluster.Servers, "readings", Partitions);

    private KafkaSink Sink(KafkaSinkSettings settings) => new("a", settings, TimeProvider.System, _log);

    private KafkaSinkSettings Settings => new() { Servers = _cluster?.Servers ?? [] };
}
