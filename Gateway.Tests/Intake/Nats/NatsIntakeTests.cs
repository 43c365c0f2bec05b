using System.Text;
using System.Text.Json.Nodes;
using Gateway.Tests.Support;
using NATS.Client.Core;

namespace Gateway.Tests.Intake.Nats;

/// <summary>Commands by nats-server into a whole gateway, on the real wire.</summary>
internal sealed class NatsIntakeTests
{
    private const string Subject = "devices.cellar.commands";
    private const string Stream = "device_commands";

    private NatsServer _server = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = new NatsServer();
        await _server.StartAsync();
    }

    [TearDown]
    public async Task StopAsync() => await _server.DisposeAsync();

    [Test]
    public async Task A_command_goes_out_in_the_devices_answer_poison_does_not_stop_it_and_its_sender_is_told()
    {
        await using var world = await OpenAsync();

        var refused = await AskAsync(IntakeWorld.Say("r1", device: "attic"));
        var taken = await AskAsync(IntakeWorld.Say("r2", device: null));
        var answer = await world.SpeakAsync("hello");

        Assert.That(refused["problem"]!["errors"]![0]!.ToJsonString(), Is.EqualTo(
            """{"detail":"the message came by subject devices.cellar.commands, which is of device cellar","pointer":"#/device_id"}"""));
        Assert.That((await world.DeadLettersAsync(1)).Single().Error, Does.StartWith("subject devices.cellar.commands: "));
        Assert.That(taken.ToJsonString(), Is.EqualTo("""{"request_id":"r2","device_id":"cellar","state":"queued"}"""));
        Assert.That(answer, Is.EqualTo("r2:hi"));
    }

    [Test]
    public async Task A_message_that_comes_again_is_one_command_although_it_has_no_id()
    {
        await using var world = await OpenAsync();

        await PublishAsync(IntakeWorld.Say(null));
        var before = (await world.CommandsAsync(1)).Single();
        await SettledAsync();

        // As if the gateway had ended before the acknowledgement.
        await world.RestartAsync(() => _server.UseAsync(async jetStream => await jetStream.DeleteConsumerAsync(Stream, "gateway")));
        await world.ConnectedAsync();
        await PublishAsync(IntakeWorld.Say("r2"));

        Assert.That(before, Does.StartWith("nats-device_commands-1-"));
        Assert.That(await world.CommandsAsync(2), Is.EqualTo(new[] { before, "r2" }));
        Assert.That(await world.DeadLettersAsync(0), Is.Empty);
    }

    [Test]
    public async Task The_intake_comes_back_after_its_server_and_nothing_comes_twice()
    {
        await using var world = await OpenAsync();
        world.Gateway.Log.Expect("The intake in (nats) failed");
        await PublishAsync(IntakeWorld.Say("r1"));
        await world.CommandsAsync(1);
        await SettledAsync();

        await _server.RestartAsync();
        await world.ConnectedAsync(times: 2);
        await PublishAsync(IntakeWorld.Say("r2"));

        Assert.That(await world.CommandsAsync(2), Is.EqualTo(new[] { "r1", "r2" }));
        Assert.That(world.Status.LastError, Is.Null);
    }

    private async Task<IntakeWorld> OpenAsync()
    {
        var world = await IntakeWorld.StartAsync(new
        {
            type = "nats",
            url = $"nats://127.0.0.1:{_server.Port}",
            ack_wait_seconds = 1,
            retry = new { first_wait_seconds = 0.05, longest_wait_seconds = 0.1 },
        });
        await world.ConnectedAsync();
        return world;
    }

    private async Task PublishAsync(string body) => await _server.UseAsync(async jetStream => await jetStream.PublishAsync(Subject, Encoding.UTF8.GetBytes(body)));

    // All that was delivered is acknowledged.
    private Task SettledAsync() => Eventually.HoldsAsync(
        async () => await _server.UseAsync(async jetStream => (await jetStream.GetConsumerAsync(Stream, "gateway")).Info is { NumAckPending: 0, NumPending: 0 }),
        "everything is acknowledged");

    /// <summary>Publishes a command and waits for the reply.</summary>
    private Task<JsonNode> AskAsync(string body) => _server.UseAsync(async jetStream =>
    {
        var inbox = jetStream.Connection.NewInbox();
        await using var replies = await jetStream.Connection.SubscribeCoreAsync<string>(inbox);
        await jetStream.PublishAsync(Subject, Encoding.UTF8.GetBytes(body), headers: new NatsHeaders { ["Gateway-Reply-To"] = inbox });
        return JsonNode.Parse((await replies.Msgs.ReadAsync().AsTask().WaitAsync(Eventually.Limit)).Data!)!;
    });
}
