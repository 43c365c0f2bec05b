using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Tests.Sinks.Mqtt;
using Gateway.Tests.Support;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Gateway.Tests.Intake.Mqtt;

/// <summary>Commands by mosquitto into a whole gateway, on the real wire.</summary>
internal sealed class MqttIntakeTests
{
    private const string Topic = "devices/cellar/commands";
    private const string StatusTopic = "devices/cellar/commands/status";

    private MosquittoServer _server = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = new MosquittoServer("allow_anonymous true");
        await _server.StartAsync();
    }

    [TearDown]
    public async Task StopAsync() => await _server.DisposeAsync();

    [TestCase("v5")]
    [TestCase("v311")]
    public async Task A_command_goes_out_in_the_devices_answer_and_its_sender_is_told(string version)
    {
        await using var world = await OpenAsync(version);
        await using var subscriber = await MqttSubscriber.StartAsync(_server.Port);

        await PublishAsync(Topic, IntakeWorld.Say("r1", device: null));
        await world.CommandsAsync(1);
        var answer = await world.SpeakAsync("hello");
        var reply = await ReplyAsync(subscriber, StatusTopic);

        Assert.That(answer, Is.EqualTo("r1:hi"));
        Assert.That(reply, Is.EqualTo("""{"request_id":"r1","device_id":"cellar","state":"queued"}"""));
    }

    [Test]
    public async Task Poison_becomes_a_dead_letter_and_the_next_message_is_taken()
    {
        await using var world = await OpenAsync();

        await PublishAsync(Topic, "no json");
        await PublishAsync(Topic, IntakeWorld.Say("r1", device: "attic"));
        await PublishAsync("commands", IntakeWorld.Say("r2", device: "nobody"));
        await PublishAsync("commands", new string('x', 1024 * 1024 + 1));
        await PublishAsync("commands", IntakeWorld.Say("r3"));

        Assert.That(await world.CommandsAsync(1), Is.EqualTo(new[] { "r3" }));
        var letters = await world.DeadLettersAsync(4);
        Assert.That(letters.Select(letter => letter.Source), Is.All.EqualTo("intake/in"));
        Assert.That(letters[0].Error, Does.StartWith("topic devices/cellar/commands: the body cannot be read at $, line 1, byte 2"));
        Assert.That(letters.Skip(1).Select(letter => letter.Error), Is.EqualTo(new[]
        {
            "topic devices/cellar/commands: the message came by topic devices/cellar/commands, which is of device cellar",
            "topic commands: device nobody is not known; register it with POST /api/v1/devices, or wait until it has spoken",
            "topic commands: a command has at most 1048576 bytes",
        }));
        Assert.That(Encoding.UTF8.GetString(letters[0].Payload.Span), Is.EqualTo("no json"));
        Assert.That(letters.Select(letter => letter.DeviceId), Is.EqualTo(new[] { "cellar", "attic", "nobody", "" }));
    }

    [Test]
    public async Task The_same_message_twice_is_one_command()
    {
        await using var world = await OpenAsync();
        await using var subscriber = await MqttSubscriber.StartAsync(_server.Port);

        await PublishAsync(Topic, IntakeWorld.Say("r1"));
        await PublishAsync(Topic, IntakeWorld.Say("r1"));
        await Eventually.HoldsAsync(() => subscriber.Messages.Count(message => message.Topic == StatusTopic) == 2, "both replies");

        Assert.That(await world.CommandsAsync(1), Is.EqualTo(new[] { "r1" }));
        Assert.That(await world.DeadLettersAsync(0), Is.Empty);
    }

    [Test]
    public async Task What_is_wrong_is_said_as_HTTP_says_it_where_the_sender_wants_it()
    {
        await using var world = await OpenAsync();
        await using var subscriber = await MqttSubscriber.StartAsync(_server.Port);
        var command = """{"request_id":"r1","device_id":"cellar","command_type":"say"}""";

        await PublishAsync("commands", command, responseTopic: "answers/here", correlation: "c7");
        var reply = JsonNode.Parse(await ReplyAsync(subscriber, "answers/here"))!;

        Assert.That(reply["request_id"]!.GetValue<string>(), Is.EqualTo("r1"));
        Assert.That(reply["problem"]!.ToJsonString(), Is.EqualTo(await world.ProblemOfHttpAsync(command)));
        var message = subscriber.Messages.Single(message => message.Topic == "answers/here");
        Assert.That(Encoding.UTF8.GetString(message.CorrelationData), Is.EqualTo("c7"));
    }

    [Test]
    public async Task The_intake_comes_back_after_its_broker_and_has_what_came_meanwhile()
    {
        await using var world = await OpenAsync();
        world.Gateway.Log.Expect("The intake in (mqtt) failed");

        await _server.StopAsync();
        await Eventually.HoldsAsync(() => world.Status.LastError is not null, "the gateway sees that the broker is gone");
        var health = await world.Gateway.Http.GetStringAsync("/health");
        await _server.StartAsync();
        await PublishAsync(Topic, IntakeWorld.Say("r1"));

        Assert.That(await world.CommandsAsync(1), Is.EqualTo(new[] { "r1" }));
        Assert.That(health, Does.Contain("\"intake\":{\"status\":\"degraded\",\"description\":\"in: "));
        await Eventually.HoldsAsync(() => world.Status.LastError is null, "nothing is wrong any more");
    }

    [Test]
    public async Task What_comes_while_the_gateway_is_away_waits_and_a_retained_message_is_no_command()
    {
        await using var world = await OpenAsync("v311");

        await world.RestartAsync(async () =>
        {
            await PublishAsync(Topic, IntakeWorld.Say("r1"));
            await PublishAsync("devices/shed/commands", IntakeWorld.Say("old", device: null), retain: true);
        });

        await world.CommandsAsync(1);
        await world.Gateway.LoggedAsync("passed over a retained message");
    }

    private static async Task<string> ReplyAsync(MqttSubscriber subscriber, string topic)
    {
        await Eventually.HoldsAsync(() => subscriber.Messages.Any(message => message.Topic == topic), $"a reply on {topic}");
        return MqttSubscriber.TextOf(subscriber.Messages.First(message => message.Topic == topic));
    }

    private async Task<IntakeWorld> OpenAsync(string version = "v5")
    {
        var world = await IntakeWorld.StartAsync(new
        {
            type = "mqtt",
            url = string.Create(CultureInfo.InvariantCulture, $"mqtt://127.0.0.1:{_server.Port}"),
            version,
            client_id = "gateway-in",
            retry = new { first_wait_seconds = 0.05, longest_wait_seconds = 0.1 },
        });
        await world.ConnectedAsync();
        return world;
    }

    private async Task PublishAsync(string topic, string body, bool retain = false, string? responseTopic = null, string? correlation = null)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", _server.Port).WithProtocolVersion(MqttProtocolVersion.V500).Build());
        await client.PublishAsync(new MqttApplicationMessage
        {
            Topic = topic,
            PayloadSegment = Encoding.UTF8.GetBytes(body),
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            Retain = retain,
            ResponseTopic = responseTopic,
            CorrelationData = correlation is null ? null : Encoding.UTF8.GetBytes(correlation),
        });
        await client.DisconnectAsync(new MqttClientDisconnectOptions());
    }
}
