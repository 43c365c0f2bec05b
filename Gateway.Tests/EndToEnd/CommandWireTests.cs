using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Coap;
using Gateway.Tests.Commands;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd;

/// <summary>Commands over HTTP and out by CoAP, on the real wire, with a script that reads evidence.</summary>
internal sealed class CommandWireTests
{
    private const string Data = "/devices/cellar/data";

    private TempFolder _folder = null!;
    private GatewayUnderTest _gateway = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _folder = new TempFolder();
        _folder.Write("scripts/json.csx", CommandsUnderTest.Script);
        _gateway = await GatewayUnderTest.StartAsync(_folder, sets: ["profiles.json.confirm=script", "profiles.json.confirm_timeout_seconds=1", "coap.peer_requests_per_second=0"]);
        await _gateway.SendAsync(CoapCode.Post, Data, []);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _gateway.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task A_commands_whole_way_can_be_followed()
    {
        var (created, body) = await PostAsync(Say("r1"));
        var (again, _) = await PostAsync(Say("r1"));
        var (conflict, _) = await PostAsync(Say("r1", "other"));
        var answer = await SpeakAsync("hello");
        using var tooLate = await _gateway.Http.DeleteAsync("/api/v1/commands/r1");
        await SpeakAsync("ok r1");
        var status = await GetAsync("/api/v1/commands/r1");

        Assert.That((created, again, conflict, tooLate.StatusCode), Is.EqualTo((HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.Conflict)));
        Assert.That(answer, Is.EqualTo("r1:"));
        Assert.That((body["state"]!.GetValue<string>(), body["confirm"]!.GetValue<string>(), body["max_attempts"]!.GetValue<int>()), Is.EqualTo(("queued", "script", 5)));
        Assert.That(status["history"]!.AsArray().Select(step => $"{step!["state"]} {step["attempt"]}"), Is.EqualTo(new[] { "queued 0", "sent 1", "applied 1" }));
    }

    [Test]
    public async Task The_script_and_the_rules_speak_to_the_caller()
    {
        var (missing, problem) = await PostAsync(new { device_id = "cellar", command_type = "say" });
        var (malformed, place) = await PostAsync(new { device_id = "cellar", command_type = "say", urgency = 5 });
        using var text = await _gateway.Http.PostAsync("/api/v1/commands", new StringContent("{}", Encoding.UTF8, "text/plain"));

        Assert.That((missing, malformed, text.StatusCode), Is.EqualTo((HttpStatusCode.UnprocessableEntity, HttpStatusCode.BadRequest, HttpStatusCode.UnsupportedMediaType)));
        Assert.That(problem["errors"]![0]!.ToJsonString(), Does.Contain("payload.text is missing").And.Contain("#/payload"));
        Assert.That(place["detail"]!.GetValue<string>(), Does.Contain("$.urgency").And.Contain("not known"));
    }

    [Test]
    public async Task Commands_are_listed_a_page_at_a_time()
    {
        foreach (var id in new[] { "r1", "r2", "r3" })
        {
            await PostAsync(Say(id));
        }

        await SpeakAsync("");
        var first = await GetAsync("/api/v1/commands?device_id=cellar&limit=2");
        var second = await GetAsync($"/api/v1/commands?device_id=cellar&limit=2&after={first["next"]}");
        var sent = await GetAsync("/api/v1/commands?state=sent");
        using var wrong = await _gateway.Http.GetAsync("/api/v1/commands?state=gone");

        Assert.That((Ids(first), Ids(second), Ids(sent)), Is.EqualTo(("r3 r2", "r1", "r1")));
        Assert.That((second["next"], wrong.StatusCode), Is.EqualTo(((JsonNode?)null, HttpStatusCode.BadRequest)));

        static string Ids(JsonNode page) => string.Join(' ', page["items"]!.AsArray().Select(item => item!["request_id"]!.GetValue<string>()));
    }

    [Test]
    public async Task A_retransmission_gets_the_same_bytes_and_moves_nothing_on()
    {
        await PostAsync(Say("r1"));
        await PostAsync(Say("r2"));
        using var device = new UdpDevice(_gateway.CoapPort);
        byte[] message = [0x40, 0x02, 0x12, 0x34, 0xB7, .. "devices"u8, 0x06, .. "cellar"u8, 0x04, .. "data"u8];

        var first = await device.AskAsync(message);
        var sent = await _gateway.StateOfAsync("r1");
        var again = await device.AskAsync(message);

        Assert.That(again, Is.EqualTo(first));
        Assert.That((sent, await _gateway.StateOfAsync("r1"), await _gateway.StateOfAsync("r2")), Is.EqualTo(("sent", "sent", "queued")));
        Assert.That((await GetAsync("/api/v1/commands/r1"))["attempts"]!.GetValue<int>(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_large_command_goes_out_in_blocks_to_who_asks_for_them_and_fails_for_who_does_not()
    {
        await PostAsync(Large("r1"));
        await PostAsync(Large("r2") with { Confirm = "sent" });
        await PostAsync(Say("r3"));
        var frame = new byte[600]; // With a small one the gateway would ask the peer for an Echo first.

        var blocks = await _gateway.SendAsync(CoapCode.Post, Data, frame, new CoapOption(OptionNumber.Size2, default));
        await SpeakAsync("ok r1");
        var failed = await GetAsync("/api/v1/commands/r2");

        Assert.That(blocks.Payload.Length, Is.EqualTo(1500));
        Assert.That((failed["state"]!.GetValue<string>(), failed["reason"]!.GetValue<string>()[..9]), Is.EqualTo(("failed", "too_large")));
        Assert.That(await _gateway.StateOfAsync("r3"), Is.EqualTo("sent"), "the next went out with the same answer");
    }

    [Test]
    public async Task No_command_is_spent_on_who_does_not_read_the_answer()
    {
        await PostAsync(Say("r1"));

        // RFC 7967 §2.1: 2 says that no answer of class 2 is wanted.
        using var device = new UdpDevice(_gateway.CoapPort);
        await device.AskAsync([0x40, 0x02, 0x12, 0x35, 0xB7, .. "devices"u8, 0x06, .. "cellar"u8, 0x04, .. "data"u8, 0xD1, 0xEA, 0x02]);
        await device.AskAsync([0x50, 0x02, 0x12, 0x36, 0xB7, .. "devices"u8, 0x06, .. "cellar"u8, 0x04, .. "data"u8]);

        Assert.That(await _gateway.StateOfAsync("r1"), Is.EqualTo("queued"));
    }

    /// <summary>Loss, duplication, reordering and a NAT that gives another port, even in the middle of an exchange.</summary>
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task Whatever_the_network_does_each_command_is_applied_once_and_in_order(int seed)
    {
        const int Commands = 12;
        var chance = new Random(seed);
        using var device = new LossyDevice($"lossy{seed}", _gateway.CoapPort, loss: 0.1, chance);
        await Eventually.HoldsAsync(() => device.SpeakAsync(), "the gateway knows the device");
        for (var i = 0; i < Commands; i++)
        {
            await PostAsync(Say($"{seed}-{i:00}") with { DeviceId = device.Name, MaxAttempts = 100, Priority = i % 3 == 0 ? 1 : 0 });
        }

        await Eventually.HoldsAsync(
            async () =>
            {
                await ActAsync(device, chance);
                return device.Applied.Count == Commands;
            },
            "all commands are applied");
        await Eventually.HoldsAsync(() => device.SpeakAsync(), "the device tells of the last one");
        var expected = Enumerable.Range(0, Commands).OrderByDescending(i => i % 3 == 0).Select(i => $"{seed}-{i:00}").ToArray();
        Assert.That(device.Applied, Is.EqualTo(expected), "order kept per priority, and none twice");
        foreach (var id in expected)
        {
            Assert.That(await _gateway.StateOfAsync(id), Is.EqualTo("applied"), id);
        }
    }

    private static async Task ActAsync(LossyDevice device, Random chance)
    {
        switch (chance.Next(8))
        {
            case 0:
                device.Rebind();
                break;
            case 1:
                await device.RepeatAsync(device.Past[chance.Next(device.Past.Count)]);
                break;
            default:
                await device.SpeakAsync(rebindsBetween: chance.Next(4) == 0);
                break;
        }
    }

    private static CommandBody Say(string id, string text = "") => new(id, "cellar", "say", new { text });

    private static CommandBody Large(string id) => new(id, "cellar", "large", new { bytes = 1500 });

    private async Task<string> SpeakAsync(string message) =>
        Encoding.UTF8.GetString((await _gateway.SendAsync(CoapCode.Post, Data, Encoding.UTF8.GetBytes(message))).Payload.Span);

    private async Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(object body)
    {
        using var response = await _gateway.Http.PostAsJsonAsync("/api/v1/commands", body, SnakeCase.Options);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    private async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await _gateway.Http.GetStringAsync(path))!;

    private sealed record CommandBody(string RequestId, string DeviceId, string CommandType, object Payload)
    {
        public string? Confirm { get; init; }

        public int? MaxAttempts { get; init; }

        public int Priority { get; init; }
    }

    private static class SnakeCase
    {
        public static readonly System.Text.Json.JsonSerializerOptions Options = new()
        {
            PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower,
            DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        };
    }
}
