using System.Text.Json;
using Gateway.Coap;
using Gateway.Commands;
using Gateway.Devices;

namespace Gateway.Tests.Commands;

/// <summary>What takes time, or a restart, where the gateway goes to devices by itself.</summary>
internal sealed class CommandPushRoomTests
{
    private CommandsUnderTest _gateway = null!;
    private PushBench _bench = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _gateway = await CommandsUnderTest.StartAsync(CommandsUnderTest.Script);
        _bench = new PushBench(_gateway);
        await _gateway.AddDeviceAsync("a");
        await _gateway.AddDeviceAsync("asking", "asks");
    }

    [TearDown]
    public async Task StopAsync()
    {
        _bench.Dispose();
        await _gateway.DisposeAsync();
    }

    [Test]
    public async Task A_notification_that_nobody_acknowledges_ends_the_observation_and_its_command_waits_again()
    {
        await _bench.ObserveAsync("a");
        await SayAsync("r1");
        await _bench.RunAsync();
        var sent = await _gateway.StateOfAsync("r1");

        _bench.Pass(PushBench.TimeOut);
        await _bench.RunAsync();

        Assert.That((sent, await _gateway.StateOfAsync("r1")), Is.EqualTo(("sent 1", "queued 1: the device did not acknowledge the notification")));
        await _bench.LookAsync("a");
        Assert.That(_bench.Take("a"), Is.EqualTo(new[] { "r1:" }), "nothing more is sent by itself");
        Assert.That(await _gateway.SpeakAsync("a"), Is.EqualTo("r1:"));
    }

    [Test]
    public async Task A_request_that_nobody_answers_goes_again_after_a_pause_or_when_the_device_speaks()
    {
        await _bench.HeardAsync("a");
        await SayAsync("r1", path: "/act", maxAttempts: 3);
        await _bench.RunAsync();
        await NextRequestAsync();
        await FailAsync();
        Assert.That(await _gateway.StateOfAsync("r1"), Is.EqualTo("queued 1: the device did not answer the request"));
        await _bench.LookAsync("a");
        Assert.That(_bench.Take("a"), Is.Empty, "it is left in peace");

        await _bench.HeardAsync("a");
        await NextRequestAsync();
        await FailAsync();
        _bench.Pass(TimeSpan.FromSeconds(60));
        await _bench.RunAsync();
        await NextRequestAsync();
        await FailAsync();

        Assert.That(await _gateway.StateOfAsync("r1"), Does.StartWith("failed 3: it was sent 3 times, as often as it may be; the last time the device did not answer"));
    }

    [Test]
    public async Task A_device_that_is_busy_is_asked_again_when_it_wants_to_be_and_not_when_it_speaks()
    {
        await _bench.HeardAsync("a");
        await SayAsync("r1", path: "/act");
        await _bench.RunAsync();
        var request = await NextRequestAsync();
        await AnswerAsync(request, "5.03", UintOption.Of(OptionNumber.MaxAge, 90));

        await _bench.HeardAsync("a");
        _bench.Pass(TimeSpan.FromSeconds(89));
        await _bench.RunAsync();
        var early = _bench.Take("a");
        _bench.Pass(TimeSpan.FromSeconds(2));
        await _bench.RunAsync();
        await AnswerAsync(await NextRequestAsync(), "2.04");

        Assert.That((early.Length, await _gateway.StateOfAsync("r1")), Is.EqualTo((0, "delivered 2")));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task What_was_under_way_when_the_gateway_stopped_goes_again_and_is_not_delivered_by_what_the_device_says(bool crash)
    {
        await _bench.ObserveAsync("a");
        await SayAsync("r1");
        await _bench.RunAsync();
        Assert.That(crash || await _gateway.Follower.CaughtUpAsync(TimeSpan.FromMinutes(1), CancellationToken.None));
        await _gateway.RestartAsync();

        Assert.That(await _gateway.StateOfAsync("r1"), Is.EqualTo("sent 1"));
        Assert.That(await _gateway.SpeakAsync("a", confirmable: false), Is.Null);
        Assert.That(await _gateway.StateOfAsync("r1"), Is.EqualTo("queued 1: the gateway was stopped before the device had acknowledged it"));
        Assert.That((await _gateway.SpeakAsync("a"), await _gateway.StateOfAsync("r1")), Is.EqualTo(("r1:", "sent 2")));
    }

    [Test]
    public async Task A_request_waits_for_the_devices_address_after_a_restart()
    {
        await _bench.HeardAsync("a");
        await _gateway.RestartAsync();
        _bench.Dispose();
        _bench = new PushBench(_gateway);
        await SayAsync("r1", path: "/act");
        await _bench.RunAsync();
        Assert.That((_bench.Take("a").Length, await _gateway.SpeakAsync("a"), await _gateway.StateOfAsync("r1")), Is.EqualTo((0, (string?)null, "queued 0")), "no answer carries it");

        await _bench.HeardAsync("a");
        await AnswerAsync(await NextRequestAsync(), "2.04");
        Assert.That(await _gateway.StateOfAsync("r1"), Is.EqualTo("delivered 1"));
    }

    [Test]
    public async Task Without_evidence_a_device_that_observes_is_told_again_when_its_time_is_over()
    {
        await _bench.ObserveAsync("asking");
        await SayAsync("r1", device: "asking");
        await _bench.RunAsync();
        await _bench.AcknowledgeAsync("asking", _bench.LastTo("asking").Id);
        _bench.Pass(TimeSpan.FromSeconds(61));
        await _bench.LookAsync("asking");

        Assert.That((string.Join(' ', _bench.Take("asking")), await _gateway.StateOfAsync("r1")), Is.EqualTo(("r1: r1:", "sent 2: no evidence within 60 s")));
    }

    [Test]
    public async Task A_command_whose_time_is_to_come_goes_out_then()
    {
        await _bench.ObserveAsync("a");
        await SayAsync("r1", notBefore: _gateway.Time.GetUtcNow().AddSeconds(30));
        await _bench.RunAsync();
        _bench.Pass(TimeSpan.FromSeconds(29));
        await _bench.RunAsync();
        var early = _bench.Take("a").Length;
        _bench.Pass(TimeSpan.FromSeconds(2));
        await _bench.RunAsync();

        Assert.That((early, string.Join(' ', _bench.Take("a"))), Is.EqualTo((0, "r1:")));
    }

    [Test]
    public async Task Who_hears_nothing_for_long_is_asked_whether_it_is_there_and_has_spoken_by_its_answer()
    {
        await _bench.ObserveAsync("a");
        await SayAsync("r1", confirm: CommandConfirm.Sent);
        await _bench.RunAsync();
        await _bench.AcknowledgeAsync("a", _bench.LastTo("a").Id);
        _bench.Take("a");

        _gateway.PushQueue.Now(DeviceId.Parse("a"), isDue: true);
        await _bench.RunAsync();
        var asked = _bench.Take("a");
        await SayAsync("r2");
        await _bench.RunAsync();
        var meanwhile = _bench.Take("a").Length;
        await _bench.AcknowledgeAsync("a", _bench.LastTo("a").Id);

        Assert.That((string.Join('|', asked), asked.Length, meanwhile, string.Join(' ', _bench.Take("a"))), Is.EqualTo(("", 1, 0, "r2:")));
    }

    [Test]
    public void As_many_addresses_are_remembered_as_may_be_and_the_oldest_goes_first()
    {
        var addresses = new DeviceAddresses(new CommandSettings { MaxAddresses = 8 });
        var layer = new PeerLink(Peer.From(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 1)), null!);
        for (var device = 0; device < 8; device++)
        {
            addresses.Learn(DeviceId.Parse($"d{device}"), layer);
        }

        addresses.Learn(DeviceId.Parse("d0"), layer);
        addresses.Learn(DeviceId.Parse("new"), layer);

        Assert.That((addresses.Find(DeviceId.Parse("d0")) is null, addresses.Find(DeviceId.Parse("d1")) is null, addresses.Find(DeviceId.Parse("new")) is null), Is.EqualTo((false, true, false)));
    }

    // The request goes out on a thread of its own.
    private async Task<CoapMessage> NextRequestAsync()
    {
        await Support.Eventually.HoldsAsync(() => _bench.Take("a").Length > 0, "a request goes out");
        return _bench.LastTo("a");
    }

    private async Task FailAsync()
    {
        _bench.Pass(PushBench.TimeOut);
        await _bench.SettledAsync("a");
    }

    private async Task AnswerAsync(CoapMessage request, string code, params CoapOption[] options)
    {
        Assert.That(CoapCode.TryParse(code, out var answer));
        await _bench.ReceiveAsync("a", new CoapMessage(MessageType.Acknowledgement, answer, request.Id) { Token = request.Token, Options = options });
        await _bench.SettledAsync("a");
    }

    private async Task SayAsync(
        string id, string device = "a", string? path = null, int? maxAttempts = null, DateTimeOffset? notBefore = null, CommandConfirm? confirm = null)
    {
        var result = await _gateway.Consumer.SubmitAsync(
            new CommandRequest
            {
                RequestId = id,
                DeviceId = device,
                CommandType = "say",
                Payload = JsonElement.Parse("""{"text": ""}"""),
                MaxAttempts = maxAttempts,
                NotBefore = notBefore,
                Confirm = confirm,
                Metadata = path is null ? null : new Dictionary<string, string> { ["path"] = path },
            },
            CancellationToken.None);
        Assert.That(result.Outcome, Is.EqualTo(SubmitOutcome.Queued), string.Join("; ", result.Problems));
    }
}
