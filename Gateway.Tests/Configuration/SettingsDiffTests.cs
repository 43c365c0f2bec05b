using System.Text.Json.Nodes;
using Gateway.Configuration;

namespace Gateway.Tests.Configuration;

internal sealed class SettingsDiffTests
{
    [Test]
    public void What_is_the_same_in_other_words_is_no_change() => Assert.That(
        Between("""{"coap": {"port": 5683}, "sinks": {"a": {"type": "console"}, "b": {"type": "console"}}}""", """{"sinks": {"b": {"type": "console", "max_batch": 500}, "a": {"type": "console"}}}"""),
        Is.Empty);

    [TestCase("""{"coap": {"port": 1}}""", """{"coap": {"port": 2}}""", "coap.port: 1 becomes 2")]
    [TestCase("""{"coap": {"batched_io": false}}""", "{}", "coap.batched_io: false becomes true")]
    [TestCase("{}", """{"journal": {"on_lag": "drop"}}""", "journal.on_lag: \"hold\" becomes \"drop\"")]
    [TestCase("{}", """{"coap": {"addresses": ["::1"]}}""", "coap.addresses: [\"*\"] becomes [\"::1\"]")]
    [TestCase("""{"devices": {"import_path": "/a"}}""", "{}", "devices.import_path: \"/a\" becomes null")]
    [TestCase("{}", """{"sinks": {"file": {"type": "file"}}}""", "sinks.console: taken out")]
    [TestCase("""{"sinks": {"a": {"type": "console"}}}""", """{"sinks": {"a": {"type": "file"}}}""", "sinks.a: is of another type")]
    [TestCase("""{"sinks": {"a": {"type": "file"}}}""", """{"sinks": {"a": {"type": "file", "retry": {"max_attempts": 3}}}}""", "sinks.a.retry.max_attempts: 0 becomes 3")]
    public void A_change_is_named_with_what_was_and_what_is(string before, string after, string expected) => Assert.That(Between(before, after), Is.EqualTo([expected]));

    [Test]
    public void Routes_that_came_and_went_are_named_and_not_all_behind_them()
    {
        const string first = """{"path": "/a", "profile": "json"}""", second = """{"path": "/b", "profile": "json"}""", third = """{"path": "/c", "profile": "json"}""";

        var changes = Between($$"""{"routes": [{{first}}, {{second}}]}""", $$"""{"routes": [{{third}}, {{second}}]}""");

        Assert.That(changes, Has.Length.EqualTo(2));
        Assert.That(changes[0], Does.StartWith("routes: {\"path\":\"/a\",").And.EndWith(" taken out"));
        Assert.That(changes[1], Does.StartWith("routes: {\"path\":\"/c\",").And.EndWith(" added"));
        Assert.That(Between($$"""{"routes": [{{first}}, {{second}}]}""", $$"""{"routes": [{{second}}, {{first}}]}"""), Is.EqualTo(["routes: in another order"]));
    }

    // Whether a text is a password only its owner knows.
    [TestCase("""{"sinks": {"a": {"type": "http", "url": "https://x/", "headers": {"k": "planted-1"}}}}""", """{"sinks": {"a": {"type": "http", "url": "https://planted-2/", "headers": {"k": "planted-3"}}}}""", "sinks.a.url: changed", "sinks.a.headers.k: changed")]
    [TestCase("""{"intake": {"a": {"type": "mqtt", "url": "mqtt://x", "topics": ["t"], "client_id": "c", "password": "planted-1"}}}""", """{"intake": {"a": {"type": "mqtt", "url": "mqtt://x", "topics": ["t"], "client_id": "c", "password": "planted-2"}}}""", "intake.a.password: changed")]
    [TestCase("""{"profiles": {"efento": {"script": "a.csx"}, "json": {"script": "a.csx", "settings": {"k": "planted-1"}, "metadata": {"m": "planted-2"}}}}""", """{"profiles": {"efento": {"script": "b.csx"}, "json": {"script": "a.csx", "settings": {"k": "planted-3"}, "metadata": {"m": "planted-4"}}}}""",
        "profiles.efento.script: \"a.csx\" becomes \"b.csx\"", "profiles.json.settings.k: changed", "profiles.json.metadata.m: changed")]
    public void No_secret_is_shown(string before, string after, params string[] expected) => Assert.That(Between(before, after), Is.EqualTo(expected));

    [Test]
    public void Each_live_place_is_one_of_the_settings()
    {
        var root = JsonNode.Parse(SettingsReading.Write(new GatewaySettings()))!;

        Assert.That(LivePlaces.All.Where(place => place.Split('.').Aggregate((JsonNode?)root, (node, name) => node?[name]) is null), Is.Empty);
    }

    [Test]
    public void A_running_gateway_gets_what_is_live_and_keeps_the_rest()
    {
        var wanted = SettingsReading.Read<GatewaySettings>("""{"coap": {"port": 1}, "journal": {"path": "x.db", "keep_days": 1}, "log": {"level": "trace"}}""").Settings;

        var merged = LivePlaces.Merge(new GatewaySettings(), wanted);

        Assert.That(SettingsDiff.Between(new GatewaySettings(), merged).Select(change => change.Path), Is.EqualTo(["journal.keep_days", "log.level"]));
        Assert.That(SettingsDiff.Between(merged, wanted), Has.Exactly(2).Matches<SettingsChange>(change => !change.IsLive));
    }

    private static string[] Between(string before, string after) => [.. SettingsDiff.Between(Read(before), Read(after)).Select(change => change.ToString())];

    private static GatewaySettings Read(string json)
    {
        var (settings, problems) = SettingsReading.Read<GatewaySettings>(json);
        Assert.That(problems, Is.Empty);
        return settings;
    }
}
