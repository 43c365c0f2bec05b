using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Coap;
using Gateway.Tests.Commands;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd;

/// <summary>Commands that the gateway sends of its own accord, on the real wire: to devices that observe, and to those with a server of their own.</summary>
internal sealed class CommandPushTests
{
    private TempFolder _folder = null!;
    private GatewayUnderTest _gateway = null!;
    private AwakeDevice _device = null!;
    private int _devices;

    [OneTimeSetUp]
    public async Task StartGatewayAsync()
    {
        _folder = new TempFolder();
        _folder.Write("scripts/json.csx", CommandsUnderTest.MergingScript);
        _gateway = await GatewayUnderTest.StartAsync(_folder, sets: ["profiles.json.confirm_timeout_seconds=3600", "coap.peer_requests_per_second=0", "coap.amplification_factor=0"]);
    }

    [OneTimeTearDown]
    public async Task StopGatewayAsync()
    {
        await _gateway.DisposeAsync();
        _folder.Dispose();
    }

    [SetUp]
    public void NewDevice() => _device = new AwakeDevice(string.Create(CultureInfo.InvariantCulture, $"awake{++_devices}"), _gateway.CoapPort);

    [TearDown]
    public void ForgetDevice() => _device.Dispose();

    [Test]
    public async Task Who_observes_is_told_of_each_command_and_of_the_next_one_when_it_has_acknowledged_it()
    {
        var registered = await _device.AskAsync(observe: 0);
        Assert.That((registered.Code, AwakeDevice.IsNotification(registered), registered.Payload.Length, FormatOf(registered)), Is.EqualTo((CoapCode.Content, true, 0, 42u)));

        await QueueAsync("one");
        var first = await _device.ReceiveAsync();
        Assert.That((AwakeDevice.TextOf(first), first.Token, AwakeDevice.IsNotification(first), FormatOf(first)), Is.EqualTo((Said("one"), _device.Token, true, 42u)));
        Assert.That(await StateOfAsync("one"), Is.EqualTo("sent 1"), "on disk before it left");

        await QueueAsync("two");
        await _device.ExpectSilenceAsync();
        _device.Acknowledge(first);
        await StateAsync("one", "delivered 1");
        var second = await _device.ReceiveAsync();
        Assert.That(AwakeDevice.TextOf(second), Is.EqualTo(Said("two")));
        _device.Acknowledge(second);
        await StateAsync("two", "delivered 1");
    }

    [Test]
    public async Task The_first_answer_has_the_next_command_already_and_what_comes_then_shows_that_it_was_read()
    {
        await _device.SpeakAsync();
        await QueueAsync("one");
        await QueueAsync("two", priority: -1, type: "large", payload: new { bytes = 5 });

        var first = await _device.AskAsync(observe: 0);
        Assert.That((AwakeDevice.TextOf(first), await StateOfAsync("one")), Is.EqualTo((Said("one"), "sent 1")));
        var second = await _device.ReceiveAsync();
        Assert.That(second.Payload.Length, Is.EqualTo(5));
        _device.Acknowledge(second);

        await StateAsync("two", "delivered 1");
        await StateAsync("one", "delivered 1");
    }

    [Test]
    public async Task What_is_reset_waits_again_for_the_devices_next_message()
    {
        await _device.AskAsync(observe: 0);
        await QueueAsync("one");
        _device.Reset(await _device.ReceiveAsync());

        await StateAsync("one", "queued 1: the device does not observe its commands any more: it reset the notification");
        await _device.ExpectSilenceAsync();
        Assert.That((AwakeDevice.TextOf(await _device.SpeakAsync()), await StateOfAsync("one")), Is.EqualTo((Said("one"), "sent 2")));
    }

    [Test]
    public async Task With_confirm_script_an_acknowledgement_is_no_evidence_and_those_behind_wait()
    {
        await _device.AskAsync(observe: 0);
        await QueueAsync("one", confirm: "script");
        _device.Acknowledge(await _device.ReceiveAsync());
        await QueueAsync("two", confirm: "sent");
        await _device.ExpectSilenceAsync();
        Assert.That(await StateOfAsync("one"), Is.EqualTo("sent 1"));

        var answer = await _device.SpeakAsync($"ok {IdOf("one")}");

        // Whichever way is quicker, it goes once.
        if (answer.Payload.Length == 0)
        {
            var second = await _device.ReceiveAsync();
            Assert.That((AwakeDevice.TextOf(second), await StateOfAsync("two")), Is.EqualTo((Said("two"), "sent 1")), "an acknowledgement can be had, so it is waited for");
            _device.Acknowledge(second);
        }

        await StateAsync("one", "applied 1");
        await StateAsync("two", "delivered 1");
    }

    [Test]
    public async Task While_a_notification_is_under_way_a_message_of_the_device_is_no_evidence_for_it()
    {
        await _device.AskAsync(observe: 0);
        await QueueAsync("one");
        var notification = await _device.ReceiveAsync();
        await QueueAsync("two");

        var answer = await _device.SpeakAsync();

        Assert.That((answer.Payload.Length, await StateOfAsync("one"), await StateOfAsync("two")), Is.EqualTo((0, "sent 1", "queued 0")), "it may have crossed, and the order is kept");
        _device.Acknowledge(notification);
        _device.Acknowledge(await _device.ReceiveAsync());
        await StateAsync("two", "delivered 1");
    }

    [Test]
    public async Task A_script_may_merge_what_waits()
    {
        await _device.AskAsync(observe: 0);
        await QueueAsync("one");
        var first = await _device.ReceiveAsync();
        await QueueAsync("two", text: "b");
        await QueueAsync("three", text: "c");
        _device.Acknowledge(first);

        var both = await _device.ReceiveAsync();
        Assert.That(AwakeDevice.TextOf(both), Is.EqualTo("b,c"));
        _device.Acknowledge(both);
        await StateAsync("two", "delivered 1");
        await StateAsync("three", "delivered 1");
    }

    [Test]
    public async Task Who_observes_no_longer_is_told_nothing_and_a_newer_observation_takes_the_place_of_an_older_one()
    {
        await _device.AskAsync(observe: 0);
        await _device.AskAsync(observe: 1);
        await QueueAsync("one");
        await _device.ExpectSilenceAsync();

        using var moved = new AwakeDevice(_device.Name, _gateway.CoapPort);
        Assert.That(AwakeDevice.TextOf(await moved.AskAsync(observe: 0)), Is.EqualTo(Said("one")));
        await _device.AskAsync(observe: 0);
        await QueueAsync("two");
        Assert.That(AwakeDevice.TextOf(await _device.ReceiveAsync()), Is.EqualTo(Said("two")));
        await moved.ExpectSilenceAsync();
    }

    [Test]
    public async Task A_poll_gives_the_next_command_and_is_a_message_like_others()
    {
        Assert.That((await _device.AskAsync()).Payload.Length, Is.Zero);
        await QueueAsync("one");

        var non = await _device.AskAsync(type: MessageType.NonConfirmable);
        var first = await _device.AskAsync();
        var sent = await StateOfAsync("one");
        var second = await _device.AskAsync();

        Assert.That((non.Payload.Length, AwakeDevice.TextOf(first), sent, second.Payload.Length), Is.EqualTo((0, Said("one"), "sent 1", 0)));
        Assert.That(BlockOptions.FindUint(first.Options, OptionNumber.MaxAge), Is.Zero, "a command is not for a cache");
        await StateAsync("one", "delivered 1");
    }

    [TestCase("2.04", "", "delivered 1")]
    [TestCase("4.04", "no such valve", "rejected 1: the device answered 4.04: no such valve")]
    [TestCase("5.03", "busy", "queued 1: the device answered 5.03: busy")]
    [TestCase("4.29", "", "queued 1: the device answered 4.29")]
    public async Task A_device_with_a_server_of_its_own_is_asked(string code, string diagnostic, string state)
    {
        await _device.SpeakAsync();
        await QueueAsync("one", metadata: new() { ["path"] = "/act/valve", ["method"] = "put" });

        var request = await _device.ReceiveAsync();
        Assert.That((request.Type, request.Code, AwakeDevice.PathOf(request), AwakeDevice.TextOf(request), FormatOf(request)), Is.EqualTo((MessageType.Confirmable, CoapCode.Put, "/act/valve", Said("one"), 42u)));
        Assert.That(await StateOfAsync("one"), Is.EqualTo("sent 1"));
        _device.Answer(request, Coap.Codes.Code(code), diagnostic);

        await StateAsync("one", state);
    }

    [Test]
    public async Task The_next_request_goes_out_when_the_one_before_is_answered_and_answers_carry_none_of_them()
    {
        await _device.SpeakAsync();
        await QueueAsync("one", metadata: new() { ["path"] = "/act" });
        await QueueAsync("two", metadata: new() { ["path"] = "/act" });
        await QueueAsync("three");
        var first = await _device.ReceiveAsync();

        Assert.That((await _device.SpeakAsync()).Payload.Length, Is.Zero);
        _device.Answer(first, CoapCode.Changed);
        var second = await _device.ReceiveAsync();
        Assert.That(AwakeDevice.TextOf(second), Is.EqualTo(Said("two")));
        _device.Answer(second, CoapCode.Changed);
        await StateAsync("two", "delivered 1");
        Assert.That(AwakeDevice.TextOf(await _device.SpeakAsync()), Is.EqualTo(Said("three")), "what has no path waits for a message");
    }

    [Test]
    public async Task What_nobody_acknowledges_counts_as_sent()
    {
        await _device.SpeakAsync();
        await QueueAsync("one", metadata: new() { ["path"] = "/act", ["confirmable"] = "false" });
        var request = await _device.ReceiveAsync();
        Assert.That((request.Type, await StateOfAsync("one")), Is.EqualTo((MessageType.NonConfirmable, "sent 1")));

        _device.Answer(request, CoapCode.Changed);
        await StateAsync("one", "delivered 1");
        await QueueAsync("two", confirm: "sent", metadata: new() { ["path"] = "/act", ["confirmable"] = "false" });
        await _device.ReceiveAsync();
        await StateAsync("two", "delivered 1");
    }

    [Test]
    public async Task A_script_may_read_evidence_in_the_answer_to_a_request()
    {
        await _device.SpeakAsync();
        await QueueAsync("one", confirm: "script", metadata: new() { ["path"] = "/act" });
        _device.Answer(await _device.ReceiveAsync(), CoapCode.Changed, $"ok {IdOf("one")}");

        await StateAsync("one", "applied 1");
    }

    [Test]
    public async Task A_device_that_resets_requests_gets_them_in_peace_until_it_has_failed_as_often_as_it_may()
    {
        await _device.SpeakAsync();
        await QueueAsync("one", maxAttempts: 1, metadata: new() { ["path"] = "/act" });
        _device.Reset(await _device.ReceiveAsync());

        await StateAsync("one", "failed 1: it was sent once, as often as it may be; the last time the device reset the request: it knows nothing of CoAP requests there, or was started anew");
    }

    [TestCase("valve", "", "", "metadata.path")]
    [TestCase("/valve", "MELT", "", "metadata.method")]
    [TestCase("/valve", "", "perhaps", "metadata.confirmable")]
    public async Task What_can_be_no_request_is_refused(string path, string method, string confirmable, string place)
    {
        await _device.SpeakAsync();
        var metadata = new Dictionary<string, string> { ["path"] = path, ["method"] = method.Length > 0 ? method : "POST", ["confirmable"] = confirmable.Length > 0 ? confirmable : "true" };

        using var answer = await _gateway.Http.PostAsJsonAsync("/api/v1/commands", new { device_id = _device.Name, command_type = "say", payload = new { text = "" }, metadata });

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain(place));
    }

    private static uint? FormatOf(CoapMessage message) => BlockOptions.FindUint(message.Options, OptionNumber.ContentFormat);

    // Ids are the device's own, so that tests may use the same.
    private async Task QueueAsync(
        string id, string text = "", string type = "say", object? payload = null, string? confirm = null, int priority = 0, int? maxAttempts = null, Dictionary<string, string>? metadata = null)
    {
        var body = new JsonObject
        {
            ["request_id"] = IdOf(id),
            ["device_id"] = _device.Name,
            ["command_type"] = type,
            ["payload"] = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(payload ?? new { text })),
            ["priority"] = priority,
            ["confirm"] = confirm,
            ["max_attempts"] = maxAttempts,
            ["metadata"] = metadata is null ? null : JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(metadata)),
        };
        await _gateway.QueueAsync(body);
    }

    private string Said(string id) => $"{IdOf(id)}:";

    private string IdOf(string id) => $"{_device.Name}-{id}";

    private async Task<string> StateOfAsync(string id)
    {
        var command = JsonNode.Parse(await _gateway.Http.GetStringAsync($"/api/v1/commands/{IdOf(id)}"))!;
        return $"{command["state"]} {command["attempts"]}{(command["reason"] is { } reason ? $": {reason}" : "")}";
    }

    private Task StateAsync(string id, string state) => Eventually.HoldsAsync(async () => await StateOfAsync(id) == state, $"{id} is {state}");
}
