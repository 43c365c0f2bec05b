using System.Text;
using Confluent.Kafka;
using Gateway.Tests.Sinks.Kafka;
using Gateway.Tests.Support;

namespace Gateway.Tests.Intake.Kafka;

/// <summary>Commands by librdkafka's mock brokers into a whole gateway: sockets and protocol are real.</summary>
internal sealed class KafkaIntakeTests
{
    private const string Topic = "device_commands";
    private const string Replies = "device_command_replies";

    private KafkaCluster _cluster = null!;

    [SetUp]
    public void Start()
    {
        _cluster = new KafkaCluster();
        _cluster.CreateTopic(Topic, 1);
        _cluster.CreateTopic(Replies, 1);
    }

    [TearDown]
    public void Stop() => _cluster.Dispose();

    [Test]
    public async Task A_command_goes_out_in_the_devices_answer_poison_does_not_stop_it_and_its_sender_is_told()
    {
        await using var world = await OpenAsync();
        await using var reader = new KafkaReader(_cluster.Servers, Replies, 1);

        await ProduceAsync("no json");
        await ProduceAsync(IntakeWorld.Say("r1"));
        await Eventually.HoldsAsync(() => reader.Messages.Count == 2, "both replies");
        var answer = await world.SpeakAsync("hello");

        Assert.That(answer, Is.EqualTo("r1:hi"));
        Assert.That((await world.DeadLettersAsync(1)).Single().Error, Does.StartWith("topic device_commands [0] @ 0: the body cannot be read"));
        Assert.That(KafkaReader.TextOf(reader.Messages[0]), Does.Contain("\"status\":400"));
        Assert.That(KafkaReader.TextOf(reader.Messages[1]), Is.EqualTo("""{"request_id":"r1","device_id":"cellar","state":"queued"}"""));
        Assert.That(Encoding.UTF8.GetString(reader.Messages[1].Message.Key!), Is.EqualTo("cellar"));
    }

    [Test]
    public async Task What_is_committed_does_not_come_again_and_what_is_not_is_one_command_although_it_has_no_id()
    {
        await using var world = await OpenAsync();
        await ProduceAsync(IntakeWorld.Say(null));
        var first = (await world.CommandsAsync(1)).Single();
        await CommittedAsync(1);

        await world.RestartAsync(() => ProduceAsync(IntakeWorld.Say("r2")));
        await CommittedAsync(2);
        var replies = Offsets(Replies);

        // Another group has no place yet, as one whose gateway ended before the first commit.
        await world.RestartAsync(() => Task.CompletedTask, "intake.in.group=other");
        await ProduceAsync(IntakeWorld.Say("r3"));

        Assert.That(first, Does.StartWith("kafka-device_commands-0-0-"));
        Assert.That(replies, Is.EqualTo(2), "what is committed did not come again");
        Assert.That(await world.CommandsAsync(3), Is.EqualTo(new[] { first, "r2", "r3" }));
        Assert.That(await world.DeadLettersAsync(0), Is.Empty);
    }

    [Test]
    public async Task The_intake_comes_back_after_its_brokers()
    {
        await using var world = await OpenAsync();
        world.Gateway.Log.Expect("The intake in (kafka) failed");

        _cluster.Stop();
        await Eventually.HoldsAsync(() => world.Status.LastError is not null, "the gateway sees that the brokers are gone");
        _cluster.Start();
        await ProduceAsync(IntakeWorld.Say("r1"));

        Assert.That(await world.CommandsAsync(1), Is.EqualTo(new[] { "r1" }));
        await Eventually.HoldsAsync(() => world.Status.LastError is null, "nothing is wrong any more");
    }

    private async Task<IntakeWorld> OpenAsync()
    {
        var world = await IntakeWorld.StartAsync(new
        {
            type = "kafka",
            servers = _cluster.Servers,
            retry = new { first_wait_seconds = 0.05, longest_wait_seconds = 0.1 },
        });
        await world.ConnectedAsync();
        return world;
    }

    private async Task ProduceAsync(string body)
    {
        using var producer = new ProducerBuilder<byte[]?, byte[]>(new ProducerConfig { BootstrapServers = string.Join(',', _cluster.Servers), LingerMs = 0 })
            .SetLogHandler((_, _) => { }).Build();
        await producer.ProduceAsync(Topic, new Message<byte[]?, byte[]> { Value = Encoding.UTF8.GetBytes(body) });
    }

    private Task CommittedAsync(long offset) => Eventually.HoldsAsync(
        () =>
        {
            using var consumer = Member();
            return consumer.Committed([new TopicPartition(Topic, 0)], Eventually.Limit)[0].Offset.Value == offset;
        },
        $"offset {offset} is committed");

    /// <summary>How many messages a topic has.</summary>
    private long Offsets(string topic)
    {
        using var consumer = Member();
        return consumer.QueryWatermarkOffsets(new TopicPartition(topic, 0), Eventually.Limit).High.Value;
    }

    private IConsumer<byte[]?, byte[]> Member() => new ConsumerBuilder<byte[]?, byte[]>(new ConsumerConfig
    {
        BootstrapServers = string.Join(',', _cluster.Servers),
        GroupId = "gateway",
        EnableAutoCommit = false,
    }).SetLogHandler((_, _) => { }).Build();
}
