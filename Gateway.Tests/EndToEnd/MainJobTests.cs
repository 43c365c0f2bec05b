using System.Text.Json.Nodes;
using Gateway.Coap;
using Gateway.Protos.Efento;
using Gateway.Tests.Support;
using Google.Protobuf;

namespace Gateway.Tests.EndToEnd;

/// <summary>What the gateway is for, with the shipped configuration and the shipped scripts, on the real wire.</summary>
internal sealed class MainJobTests
{
    private static readonly object ConfigUpdate = new
    {
        device_id = Frames.EfentoDevice,
        command_type = "config_update",
        payload = new { measurement_period_base = 60, transmission_interval = 3600 },
    };

    [Test]
    public async Task A_real_frame_becomes_readings()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var answer = await gateway.PostAsync("/m", Frames.Efento);
        var readings = await gateway.ReadingsAsync(4);

        Assert.That(answer.Code, Is.EqualTo(CoapCode.Created));
        Assert.That(answer.Payload.IsEmpty);
        Assert.That(readings, Has.Count.EqualTo(4));
        Assert.Multiple(() =>
        {
            Assert.That(readings[0]["device_id"]!.GetValue<string>(), Is.EqualTo(Frames.EfentoDevice));
            Assert.That(readings[0]["index"]!.GetValue<string>(), Is.EqualTo("TEMPERATURE"));
            Assert.That(readings[0]["values"]!.ToJsonString(), Is.EqualTo("[23.3]"));
            Assert.That(readings[0]["unit"]!.GetValue<string>(), Is.EqualTo("Cel"));
            Assert.That(readings[0]["timestamp"]!.GetValue<string>(), Is.EqualTo("2025-06-11T20:34:00Z"));
            Assert.That(readings[3]["index"]!.GetValue<string>(), Is.EqualTo("HUMIDITY"));
            Assert.That(readings[3]["values"]!.ToJsonString(), Is.EqualTo("[57]"));
        });
    }

    [Test]
    public async Task A_frame_is_answered_Created_to_POST_and_Changed_to_PUT()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var posted = await gateway.SendAsync(CoapCode.Post, "/m", Convert.FromHexString(Frames.Efento));
        var put = await gateway.SendAsync(CoapCode.Put, "/m", Convert.FromHexString(Frames.Efento));

        Assert.That((posted.Code, put.Code), Is.EqualTo((CoapCode.Created, CoapCode.Changed)));
    }

    [Test]
    public async Task A_command_rides_in_the_answer_to_the_next_confirmable_message()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await gateway.PostAsync("/m", Frames.Efento);
        var requestId = await gateway.QueueAsync(ConfigUpdate);

        var answer = await gateway.PostAsync("/m", Frames.Efento);
        var config = ProtoConfig.Parser.ParseFrom(answer.Payload.Span);
        var stateWhenSent = await gateway.StateOfAsync(requestId);
        var next = await gateway.PostAsync("/m", Frames.Efento);

        Assert.That(answer.Code, Is.EqualTo(CoapCode.Created));
        Assert.That(config, Is.EqualTo(new ProtoConfig { MeasurementPeriodBase = 60, TransmissionInterval = 3600 }));
        Assert.That(stateWhenSent, Is.EqualTo("sent"));
        Assert.That(next.Payload.IsEmpty, "a command goes out once");
        Assert.That(await gateway.StateOfAsync(requestId), Is.EqualTo("delivered"));
    }

    [Test]
    public async Task It_rides_as_well_in_the_answer_to_device_information_and_to_a_configuration()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var serial = ByteString.CopyFrom(Convert.FromHexString(Frames.EfentoDevice));
        IMessage[] messages = [new ProtoDeviceInfo { SerialNumber = serial, SwVersion = 1794 }, new ProtoConfig { SerialNumber = serial, Apn = "iot" }];
        await gateway.PostAsync("/m", Frames.Efento);
        foreach (var (message, path) in messages.Zip(["/i", "/c"]))
        {
            await gateway.QueueAsync(ConfigUpdate);

            var answer = await gateway.SendAsync(CoapCode.Post, path, message.ToByteArray());

            Assert.That(answer.Code, Is.EqualTo(CoapCode.Created), path);
            Assert.That(ProtoConfig.Parser.ParseFrom(answer.Payload.Span).TransmissionInterval, Is.EqualTo(3600), path);
        }
    }

    [Test]
    public async Task A_command_is_encoded_when_it_is_sent()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await gateway.PostAsync("/m", Frames.Efento);
        await gateway.QueueAsync(new { device_id = Frames.EfentoDevice, command_type = "time_sync" });

        var before = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var answer = await gateway.PostAsync("/m", Frames.Efento);
        var after = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

        Assert.That((long)ProtoConfig.Parser.ParseFrom(answer.Payload.Span).CurrentTime, Is.InRange(before, after));
    }

    [Test]
    public async Task The_time_is_told_to_whoever_asks()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var posted = await gateway.SendAsync(CoapCode.Post, "/t", []);
        var got = await gateway.SendAsync(CoapCode.Get, "/t", []);

        Assert.That((posted.Code, got.Code), Is.EqualTo((CoapCode.Content, CoapCode.Content)));
        Assert.That((posted.Payload.Length, got.Payload.Length), Is.EqualTo((4, 4)));
    }

    [Test]
    public async Task A_device_can_name_itself_in_the_path()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var answer = await gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", """{"temperature": 7.5}"""u8.ToArray());
        var readings = await gateway.ReadingsAsync(1);

        Assert.That(answer.Code, Is.EqualTo(CoapCode.Created));
        Assert.That(readings[0]["device_id"]!.GetValue<string>(), Is.EqualTo("cellar"));
        Assert.That(readings[0]["values"]!.ToJsonString(), Is.EqualTo("[7.5]"));
    }

    [TestCase("", TestName = "Without_a_device_nothing_is_kept(empty)")]
    [TestCase("ff", TestName = "Without_a_device_nothing_is_kept(malformed)")]
    public async Task Without_a_device_nothing_is_kept(string hex)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var answer = await gateway.PostAsync("/m", hex);

        Assert.That(answer.Code, Is.EqualTo(CoapCode.BadRequest));
        Assert.That(answer.Payload.IsEmpty, Is.False, "the device is told what is wrong");
    }

    [Test]
    public async Task A_script_that_fails_costs_no_frame()
    {
        using var folder = new TempFolder();
        folder.Write("scripts/json.csx", """
            List<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config) => throw new InvalidOperationException("a bug");
            byte[]? format_command(Command command, DeviceConfig config) => null;
            """);
        await using var gateway = await GatewayUnderTest.StartAsync(folder);

        var answer = await gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", [1, 2, 3]);
        var journal = gateway.Journal.Read(0, 10);

        Assert.That(answer.Code, Is.EqualTo(CoapCode.Created));
        Assert.That(journal, Has.Count.EqualTo(1));
        Assert.That(journal[0].Outcome, Is.EqualTo(Gateway.Journal.FrameOutcome.ScriptFailed));
        Assert.That(journal[0].Payload.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(journal[0].Error, Does.Contain("a bug").And.Contain("json.csx"));
    }

    [Test]
    public async Task A_reading_with_half_a_character_costs_no_frame()
    {
        using var folder = new TempFolder();
        folder.Write("scripts/json.csx", """
            List<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config) =>
                [new Reading("A\ud800", "\udc00") { Metadata = new Dictionary<string, ReadingValue> { ["\ud800"] = "\ud800" } }];
            byte[]? format_command(Command command, DeviceConfig config) => null;
            """);
        await using var gateway = await GatewayUnderTest.StartAsync(folder);

        var answer = await gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", [1, 2, 3]);

        Assert.That(answer.Code, Is.EqualTo(CoapCode.Created));
        Assert.That(gateway.Journal.Read(0, 10), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task An_unknown_device_is_held_until_an_admin_approves_it()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(sets: ["profiles.json.unknown_devices=hold"]);

        var answer = await gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", """{"temperature": 7.5}"""u8.ToArray());
        var held = JsonNode.Parse(await gateway.Http.GetStringAsync("/api/v1/devices?state=held"))!["items"]!.AsArray();
        using var approved = await gateway.Http.PostAsync(new Uri("/api/v1/devices/cellar/approve", UriKind.Relative), null);
        await gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", """{"temperature": 8}"""u8.ToArray());
        var readings = await gateway.ReadingsAsync(2);

        Assert.That(answer.Code, Is.EqualTo(CoapCode.Forbidden), "nobody has let it in; its frame is kept all the same");
        Assert.That(held.Select(device => device!["device_id"]!.GetValue<string>()), Is.EqualTo(new[] { "cellar" }));
        Assert.That((int)approved.StatusCode, Is.EqualTo(200));
        Assert.That(readings.Select(reading => reading["values"]!.ToJsonString()), Is.EquivalentTo(new[] { "[7.5]", "[8]" }), "what was held is read, too");
    }

    [Test]
    public async Task An_unknown_device_is_refused_where_the_profile_says_so()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(sets: ["profiles.json.unknown_devices=reject"]);

        var answer = await gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", "{}"u8.ToArray());

        Assert.That(answer.Code, Is.EqualTo(CoapCode.Forbidden));
    }

    [Test]
    public async Task No_more_unknown_devices_are_held_than_may_be()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(sets: ["profiles.json.unknown_devices=hold", "devices.max_held=1"]);

        var first = await gateway.SendAsync(CoapCode.Post, "/devices/one/data", "{}"u8.ToArray());
        var second = await gateway.SendAsync(CoapCode.Post, "/devices/two/data", "{}"u8.ToArray());

        Assert.That((first.Code, second.Code), Is.EqualTo((CoapCode.Forbidden, CoapCode.ServiceUnavailable)));
        Assert.That(second.Options.Select(option => option.Number), Does.Contain(OptionNumber.MaxAge));
    }
}
