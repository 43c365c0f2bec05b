using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Coap;
using Gateway.Devices;
using Gateway.Tests.Support;
using Gateway.Uplink;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Uplink;

/// <summary>Who may send as a device: what a profile asks a frame to bring.</summary>
internal sealed class FrameProofTests
{
    private const int TokenOption = 2049;

    private const string Configuration = """
        {
          "routes": [
            { "path": "/lab/{device_id}", "profile": "lab" },
            { "path": "/near/{device_id}", "profile": "near" },
            { "path": "/far/{device_id}", "profile": "far" },
            { "path": "/own/{device_id}", "profile": "own" },
            { "path": "/shared/{device_id}", "profile": "shared" },
            { "path": "/named", "profile": "own", "identity": ["script"] }
          ],
          "profiles": {
            "lab": { "script": "proof.csx", "unknown_devices": "provision" },
            "near": { "script": "proof.csx", "unknown_devices": "provision", "proof": [ { "type": "peer", "prefixes": ["2001:db8::/32", "127.0.0.0/8"] } ] },
            "far": { "script": "proof.csx", "unknown_devices": "provision", "proof": [ { "type": "peer", "prefixes": ["203.0.113.0/24"] } ] },
            "own": { "script": "proof.csx", "unknown_devices": "provision", "proof": [ { "type": "token", "option": 2049 } ] },
            "shared": { "script": "proof.csx", "unknown_devices": "provision", "proof": [ { "type": "token", "option": 2051, "token": "all-of-us" } ] }
          }
        }
        """;

    private TempFolder _folder = null!;
    private GatewayUnderTest _gateway = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _folder = new TempFolder();
        _folder.Write("scripts/proof.csx", """
            string TextOf(ReadOnlySpan<byte> payload) => Encoding.UTF8.GetString(payload);
            List<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config) => [new Reading("length", payload.Length)];
            byte[]? format_command(Command command, DeviceConfig config) => null;
            string? identify(ReadOnlySpan<byte> payload, UplinkRequest request) => TextOf(payload) == "who" ? throw new InvalidOperationException("broken") : "cellar";
            string? cloud_token(ReadOnlySpan<byte> payload, UplinkRequest request) => TextOf(payload) switch
            {
                "broken" => throw new InvalidOperationException("broken"),
                "malformed" => throw new InvalidPayloadException("not mine"),
                var text when text.StartsWith("token=") => text["token=".Length..],
                _ => null,
            };
            """);
        _gateway = await GatewayUnderTest.StartAsync(_folder, Configuration);
        foreach (var id in new[] { "cellar", "attic", "roof" })
        {
            await RegisterAsync(id, "own", $"token-of-{id}");
        }

        await RegisterAsync("bare", "own", null);
        await RegisterAsync("single", "shared", "mine-alone");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _gateway.DisposeAsync();
        _folder.Dispose();
    }

    [TestCase("/lab/anybody", "2.01")]
    [TestCase("/near/anybody-near", "2.01")]
    [TestCase("/far/anybody-far", "4.03")]
    public async Task A_frame_comes_from_a_known_network(string path, string code) => Assert.That((await SendAsync(path, "x")).Code.ToString(), Is.EqualTo(code));

    [TestCase("/own/cellar", "token-of-cellar", "", "2.01", TestName = "A_frame_brings_a_token(in the option)")]
    [TestCase("/own/cellar", null, "token=token-of-cellar", "2.01", TestName = "A_frame_brings_a_token(in the payload)")]
    [TestCase("/named", "token-of-cellar", "hello", "2.01", TestName = "A_frame_brings_a_token(of a device that the script names)")]
    [TestCase("/own/cellar", null, "hello", "4.01", TestName = "A_frame_brings_a_token(none)")]
    [TestCase("/own/cellar", null, "malformed", "4.01", TestName = "A_frame_brings_a_token(in a payload that is none)")]
    [TestCase("/own/cellar", "token-of-attic", "", "4.03", TestName = "A_frame_brings_a_token(another device's)")]
    [TestCase("/own/cellar", "", "", "4.03", TestName = "A_frame_brings_a_token(empty)")]
    [TestCase("/own/cellar", "wrong", "token=token-of-cellar", "4.03", TestName = "A_frame_brings_a_token(the option before the payload)")]
    [TestCase("/own/bare", "anything", "", "4.03", TestName = "A_frame_brings_a_token(where none is known)")]
    public async Task A_frame_brings_a_token(string path, string? option, string payload, string code) =>
        Assert.That((await SendAsync(path, payload, option)).Code.ToString(), Is.EqualTo(code));

    [Test]
    public async Task A_token_for_all_lets_new_devices_in_but_not_those_that_have_their_own()
    {
        var (all, own, wrong) = (await SharedAsync("newcomer", "all-of-us"), await SharedAsync("single", "mine-alone"), await SharedAsync("single", "all-of-us"));

        Assert.That((all, own, wrong), Is.EqualTo(("2.01", "2.01", "4.03")));

        async Task<string> SharedAsync(string id, string token) =>
            (await _gateway.SendAsync(CoapCode.Post, $"/shared/{id}", [1], new CoapOption(2051, Encoding.UTF8.GetBytes(token)))).Code.ToString();
    }

    [Test]
    public async Task An_unknown_device_and_a_wrong_token_look_the_same()
    {
        var (unknown, wrong) = (await SendAsync("/own/nobody", "", "wrong"), await SendAsync("/own/attic", "", "wrong"));
        var (unknownNone, wrongNone) = (await SendAsync("/own/nobody", ""), await SendAsync("/own/attic", ""));

        Assert.That((unknown.Code, Text(unknown), unknown.Options.Count), Is.EqualTo((wrong.Code, Text(wrong), wrong.Options.Count)));
        Assert.That((unknownNone.Code, Text(unknownNone)), Is.EqualTo((wrongNone.Code, Text(wrongNone))));
        Assert.That(Text(wrong), Does.Not.Contain("attic"));
        Assert.That(await _gateway.Http.GetStringAsync("/metrics"), Does.Match(@"gateway_uplink_refusals_total\{[^}]*failure=""proof_wrong""[^}]*\}"));

        static string Text(CoapMessage answer) => Encoding.UTF8.GetString(answer.Payload.Span);
    }

    [Test]
    public async Task A_refusal_waits_until_it_says_nothing_about_how_long_the_looking_took()
    {
        var time = new FakeTimeProvider();
        var proof = new FrameProof(new ProfileCatalog(new Dictionary<string, ProfileSettings>()), null!, null!, time);
        var arrivedAt = time.GetTimestamp();
        time.Advance(TimeSpan.FromMilliseconds(20));

        var refusal = proof.PaceAsync(arrivedAt, CancellationToken.None).AsTask();
        time.Advance(TimeSpan.FromMilliseconds(29));
        Assert.That(refusal.IsCompleted, Is.False);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await refusal;
    }

    [Test]
    public async Task A_route_that_asks_for_less_is_no_way_around()
    {
        Assert.That((await SendAsync("/lab/cellar", "x")).Code.ToString(), Is.EqualTo("4.01"));
        Assert.That((await SendAsync("/lab/cellar", "token=token-of-cellar")).Code.ToString(), Is.EqualTo("2.01"));
        Assert.That((await SendAsync("/lab/bare", "x")).Code.ToString(), Is.EqualTo("4.01"), "its profile asks, too");
    }

    [Test]
    public async Task The_options_number_is_taken_where_it_is_configured_and_nowhere_else()
    {
        Assert.That((await SendAsync("/own/cellar", "", "token-of-cellar")).Code.ToString(), Is.EqualTo("2.01"));
        Assert.That((await SendAsync("/lab/anybody", "", "token-of-cellar")).Code.ToString(), Is.EqualTo("4.02"), "an odd number is critical");
        Assert.That((await SendAsync("/shared/single", "", "token-of-cellar")).Code.ToString(), Is.EqualTo("4.02"));
    }

    [Test]
    public async Task What_can_not_be_checked_is_sent_back_and_not_kept()
    {
        _gateway.Log.Expect("broken");
        var before = _gateway.Journal.LastSequence;

        Assert.That((await SendAsync("/own/cellar", "broken")).Code.ToString(), Is.EqualTo("5.03"));
        Assert.That((await SendAsync("/named", "who", "token-of-cellar")).Code.ToString(), Is.EqualTo("5.03"));
        Assert.That(_gateway.Journal.Read(before, 100).Where(record => record.Payload.Span.SequenceEqual("broken"u8) || record.Payload.Span.SequenceEqual("who"u8)), Is.Empty);
    }

    [Test]
    public async Task Who_guesses_is_slowed_down_and_the_neighbours_are_not()
    {
        var codes = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            codes.Add((await SendAsync("/own/roof", "", $"guess-{i}")).Code.ToString());
        }

        Assert.That(codes, Is.EqualTo(Enumerable.Repeat("4.03", 10).Concat(["4.29", "4.29"])));
        Assert.That((await SendAsync("/own/roof", "", "token-of-roof")).Code.ToString(), Is.EqualTo("4.29"), "a right guess among too many is none");
        Assert.That((await SendAsync("/own/cellar", "", "token-of-cellar")).Code.ToString(), Is.EqualTo("2.01"));
    }

    [Test]
    public async Task A_token_is_never_shown_stays_when_it_is_not_given_and_goes_when_it_is_empty()
    {
        await RegisterAsync("shy", "own", "shy-token-1");
        var shown = await _gateway.Http.GetStringAsync("/api/v1/devices/shy");
        using var again = Put("shy", new StringContent(shown, Encoding.UTF8, "application/json"), replaces: true);
        using var kept = await _gateway.Http.SendAsync(again);
        var still = (await SendAsync("/own/shy", "", "shy-token-1")).Code.ToString();
        await RegisterAsync("shy", "own", "", replaces: true);
        var gone = JsonNode.Parse(await _gateway.Http.GetStringAsync("/api/v1/devices/shy"))!;

        Assert.That(shown, Does.Contain("\"has_token\":true").And.Not.Contain("shy-token-1"));
        Assert.That((kept.StatusCode, still), Is.EqualTo((HttpStatusCode.OK, "2.01")), "what GET shows can be PUT");
        Assert.That(gone["has_token"]!.GetValue<bool>(), Is.False);
        Assert.That(Encoding.UTF8.GetString(File.ReadAllBytes(_folder.PathOf("data/gateway.db"))), Does.Not.Contain("shy-token-1"));
    }

    private Task<CoapMessage> SendAsync(string path, string payload, string? token = null) => token is null
        ? _gateway.SendAsync(CoapCode.Post, path, Encoding.UTF8.GetBytes(payload))
        : _gateway.SendAsync(CoapCode.Post, path, Encoding.UTF8.GetBytes(payload), new CoapOption(TokenOption, Encoding.UTF8.GetBytes(token)));

    private async Task RegisterAsync(string id, string profile, string? token, bool replaces = false)
    {
        using var request = Put(id, JsonContent.Create(new { profile, token }), replaces);
        using var response = await _gateway.Http.SendAsync(request);
        Assert.That(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    // What replaces a device says so, whichever version of it that is.
    private static HttpRequestMessage Put(string id, HttpContent content, bool replaces)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/devices/{id}") { Content = content };
        if (replaces)
        {
            request.Headers.TryAddWithoutValidation("If-Match", "*");
        }

        return request;
    }
}
