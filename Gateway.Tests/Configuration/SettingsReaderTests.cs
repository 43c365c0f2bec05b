using System.Text.Json;
using CsCheck;
using Gateway.Configuration;
using Gateway.Devices;
using Gateway.Routing;
using Gateway.Sinks;

namespace Gateway.Tests.Configuration;

internal sealed class SettingsReaderTests
{
    [Test]
    public void Comments_and_trailing_commas_are_allowed()
    {
        var (settings, problems) = SettingsReading.Read<GatewaySettings>("""
            {
              // A comment.
              "coap": { "port": 7, /* another */ "addresses": ["::1", ], },
            }
            """);

        Assert.That(problems, Is.Empty);
        Assert.That(settings.Coap.Port, Is.EqualTo(7));
        Assert.That(settings.Coap.Addresses, Is.EqualTo(["::1"]));
    }

    [Test]
    public void A_section_given_in_part_keeps_the_defaults_of_its_other_members()
    {
        var (settings, _) = SettingsReading.Read<GatewaySettings>("""{"coap": {"port": 7}}""");

        var defaults = new GatewaySettings();
        Assert.That(SettingsReading.Write(settings), Is.EqualTo(SettingsReading.Write(defaults with { Coap = defaults.Coap with { Port = 7 } })));
    }

    [Test]
    public void A_list_and_a_map_replace_the_default_ones()
    {
        var (settings, problems) = SettingsReading.Read<GatewaySettings>("""
            {"routes": [{"path": "/x", "profile": "p"}], "profiles": {"p": {"script": "p.csx", "settings": {"a": [1]}, "unknown_devices": "reject"}}, "sinks": {}}
            """);

        Assert.That(problems, Is.Empty);
        Assert.That(settings.Routes, Has.Count.EqualTo(1));
        Assert.That(settings.Routes[0].Methods, Is.EqualTo([RouteMethod.Post, RouteMethod.Put]));
        Assert.That(settings.Routes[0].Identity, Is.Null);
        Assert.That(settings.Profiles.Keys, Is.EqualTo(["p"]));
        Assert.That(settings.Profiles["p"].UnknownDevices, Is.EqualTo(UnknownDevicePolicy.Reject));
        Assert.That(settings.Profiles["p"].Settings["a"].GetRawText(), Is.EqualTo("[1]"));
        Assert.That(settings.Sinks, Is.Empty);
    }

    [Test]
    public void A_sink_is_of_the_kind_that_its_type_names()
    {
        var (settings, problems) = SettingsReading.Read<GatewaySettings>("""
            {"sinks": {"b": {"path": "x.ndjson", "enabled": false, "type": "file"}, "a": {"type": "console"}}}
            """);

        Assert.That(problems, Is.Empty);
        Assert.That(settings.Sinks.Keys, Is.EqualTo(["b", "a"]), "in the order of the file");
        Assert.That(settings.Sinks["b"], Is.EqualTo(new FileSinkSettings { Path = "x.ndjson", Enabled = false }));
        Assert.That(settings.Sinks["a"], Is.EqualTo(new ConsoleSinkSettings()));
    }

    [TestCase("""{"coap": {"port": 70000}}""", "coap.port: 70000 is not within 0..65535")]
    [TestCase("""{"coap": {"port": 99999999999}}""", "coap.port: 99999999999 is not within -2147483648..2147483647")]
    [TestCase("""{"coap": {"port": 1e999}}""", "coap.port: 1e999 is not within -2147483648..2147483647")]
    [TestCase("""{"coap": {"port": 1.5}}""", "coap.port: must be a whole number, not 1.5")]
    [TestCase("""{"coap": {"port": "5683"}}""", "coap.port: must be a whole number, not \"5683\"")]
    [TestCase("""{"coap": {"port": null}}""", "coap.port: must not be null")]
    [TestCase("""{"coap": {"prot": 1}}""", "coap.prot: there is no such setting; did you mean \"port\"?")]
    [TestCase("""{"coap": {"PORT": 1}}""", "coap.PORT: there is no such setting; did you mean \"port\"?")]
    [TestCase("""{"coap": {"xyz": 1}}""", "coap.xyz: there is no such setting")]
    [TestCase("""{"coap": {"$schema": "x"}}""", "coap[\"$schema\"]: there is no such setting")]
    [TestCase("""{"coap": []}""", "coap: must be an object, not a list")]
    [TestCase("""{"coap": {"addresses": "*"}}""", "coap.addresses: must be a list, not \"*\"")]
    [TestCase("""{"coap": {"addresses": []}}""", "coap.addresses: needs at least 1 entry")]
    [TestCase("""{"coap": {"addresses": [true]}}""", "coap.addresses[0]: must be a text, not true")]
    [TestCase("""{"coap": {"piggyback_timeout_seconds": 0.001}}""", "coap.piggyback_timeout_seconds: 0.001 is not within 0.01..10")]
    [TestCase("""{"coap": {"piggyback_timeout_seconds": "1"}}""", "coap.piggyback_timeout_seconds: must be a number, not \"1\"")]
    [TestCase("""{"journal": {"keep_days": 1e999}}""", "journal.keep_days: 1e999 is too large")]
    [TestCase("""{"routes": [{"path": "/m"}]}""", "routes[0].profile: must be given")]
    [TestCase("""{"routes": [{"path": " ", "profile": "p"}]}""", "routes[0].path: must not be empty")]
    [TestCase("""{"routes": [{"path": "/m", "profile": "p", "methods": ["post", "patch"]}]}""", "routes[0].methods[1]: \"patch\" is none of \"get\", \"post\", \"put\", \"delete\"")]
    [TestCase("""{"routes": [{"path": "/m", "profile": "p", "methods": [1]}]}""", "routes[0].methods[0]: must be one of \"get\", \"post\", \"put\", \"delete\", not 1")]
    [TestCase("""{"profiles": {"my meter": {"script": 1}}}""", "profiles[\"my meter\"].script: must be a text, not 1")]
    [TestCase("""{"profiles": {"p": {"script": "p.csx", "metadata": {"a": 1}}}}""", "profiles.p.metadata.a: must be a text, not 1")]
    [TestCase("""{"profiles": {"p": null}}""", "profiles.p: must not be null")]
    [TestCase("""{"sinks": {"a": {"enabled": true}}}""", "sinks.a.type: must be given: one of \"file\", \"console\", \"http\", \"mqtt\", \"kafka\", \"postgresql\", \"nats\"")]
    [TestCase("""{"sinks": {"a": {"type": "fax"}}}""", "sinks.a.type: \"fax\" is none of \"file\", \"console\", \"http\", \"mqtt\", \"kafka\", \"postgresql\", \"nats\"")]
    [TestCase("""{"sinks": {"a": {"type": null}}}""", "sinks.a.type: null is none of \"file\", \"console\", \"http\", \"mqtt\", \"kafka\", \"postgresql\", \"nats\"")]
    [TestCase("""{"sinks": {"a": {"type": "console", "path": "x"}}}""", "sinks.a.path: there is no such setting")]
    [TestCase("""{"sinks": {"a": {"type": "console", "enabled": "yes"}}}""", "sinks.a.enabled: must be true or false, not \"yes\"")]
    [TestCase("""{"log": {"level": "loud"}}""", "log.level: \"loud\" is none of \"trace\", \"debug\", \"info\", \"warn\", \"error\"")]
    [TestCase("""{"log": {"level": "info"}, "log": {}}""", "log: is given more than once")]
    [TestCase("""{"log": {"level": "\ud800"}}""", "log.level: has half of a character: an escape \\ud800 to \\udfff that stands alone")]
    [TestCase("[]", "must be an object, not a list")]
    [TestCase("null", "must not be null")]
    public void A_problem_names_its_place_and_what_would_be_right(string json, string problem) =>
        Assert.That(SettingsReading.ProblemsOf(json), Does.Contain($"gateway.json: {problem}"));

    [TestCase("{\n  \"coap\": {\n    \"port\" 1\n", "gateway.json: line 3, column 12: ")]
    [TestCase("{ \"ä\": \"ö\" x", "gateway.json: line 1, column 12: ")]
    [TestCase("", "gateway.json: line 1, column 1: ")]
    public void A_syntax_error_names_line_and_column(string json, string start)
    {
        var problems = SettingsReading.ProblemsOf(json);

        Assert.That(problems, Has.Length.EqualTo(1));
        Assert.That(problems[0], Does.StartWith(start));
        Assert.That(problems[0], Does.Not.Contain("BytePosition"));
    }

    [Test]
    public void All_problems_are_reported_at_once()
    {
        var problems = SettingsReading.ProblemsOf("""
            {
              "coap": { "port": -1, "addresses": [1, 2] },
              "nonsense": {},
              "api": { "port": 1, "port": true },
              "routes": [ 5, { "path": "/x" } ],
            }
            """);

        Assert.That(problems, Is.EqualTo(
        [
            "gateway.json: api.port: is given more than once",
            "gateway.json: coap.port: -1 is not within 0..65535",
            "gateway.json: coap.addresses[0]: must be a text, not 1",
            "gateway.json: coap.addresses[1]: must be a text, not 2",
            "gateway.json: nonsense: there is no such setting",
            "gateway.json: api.port: must be a whole number, not true",
            "gateway.json: routes[0]: must be an object, not 5",
            "gateway.json: routes[1].profile: must be given",
        ]));
    }

    [TestCase("""{"coap": {"port": 0}}""")]
    [TestCase("""{"coap": {"port": 65535}}""")]
    [TestCase("""{"coap": {"piggyback_timeout_seconds": 0.01}}""")]
    [TestCase("""{"journal": {"keep_days": 3650}}""")]
    public void The_ends_of_a_range_belong_to_it(string json) => Assert.That(SettingsReading.ProblemsOf(json), Is.Empty);

    [Test]
    public void Whole_numbers_may_be_written_as_JSON_allows()
    {
        var (settings, problems) = SettingsReading.Read<GatewaySettings>("""{"coap": {"port": 5e3, "max_payload_size": 1024.0}}""");

        Assert.That(problems, Is.Empty);
        Assert.That((settings.Coap.Port, settings.Coap.MaxPayloadSize), Is.EqualTo((5000, 1024)));
    }

    [Test]
    public void What_may_be_null_can_be_given_as_null()
    {
        var (settings, problems) = SettingsReading.Read<Sample>("""{"text": null, "number": null, "choice": null, "anything": null}""");

        Assert.That(problems, Is.Empty);
        Assert.That((settings.Text, settings.Number, settings.Choice, settings.Anything.ValueKind), Is.EqualTo(((string?)null, (int?)null, (Colour?)null, JsonValueKind.Null)));
    }

    [Test]
    public void What_may_be_null_is_checked_when_it_is_not()
    {
        var (settings, problems) = SettingsReading.Read<Sample>("""{"text": "a", "number": 4, "choice": "dark_red"}""");

        Assert.That(problems, Is.EqualTo(["gateway.json: number: 4 is not within 1..3"]));
        Assert.That((settings.Text, settings.Number, settings.Choice), Is.EqualTo(("a", 1, Colour.DarkRed)));
    }

    [Test]
    public void No_JSON_makes_the_reader_throw() =>
        RandomJson.Document.Sample(json => Assert.That(() => SettingsReading.ProblemsOf(json), Throws.Nothing), iter: 2000);

    [Test]
    public void No_text_makes_the_reader_throw() =>
        Gen.String.Sample(text => Assert.That(() => SettingsReading.ProblemsOf(text), Throws.Nothing), iter: 2000);

    // The overrides fill a section that the file leaves out from its type, not from the record around it.
    [Test]
    public void A_section_has_the_same_defaults_wherever_it_stands()
    {
        var root = (SectionShape)SettingsShape.Of(typeof(GatewaySettings));
        var different = from member in root.Members
                        let section = member.Shape as SectionShape
                        where section is not null
                        where SettingsJson.ToTree(member.Get(root.CreateDefault()), member.Type)!.ToJsonString()
                            != SettingsJson.ToTree(section.CreateDefault(), member.Type)!.ToJsonString()
                        select member.Name;

        Assert.That(different, Is.Empty);
    }

    internal sealed record Sample
    {
        public string? Text { get; init; } = "default";

        [System.ComponentModel.DataAnnotations.Range(1, 3)]
        public int? Number { get; init; } = 1;

        public Colour? Choice { get; init; } = Colour.DarkRed;

        public JsonElement Anything { get; init; }
    }

    internal enum Colour
    {
        DarkRed,
        Blue,
    }
}
