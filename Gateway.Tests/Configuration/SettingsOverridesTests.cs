using System.Text.Json.Nodes;
using CsCheck;
using Gateway.Configuration;
using Gateway.Routing;
using Gateway.Sinks;
using Gateway.Telemetry;

namespace Gateway.Tests.Configuration;

internal sealed class SettingsOverridesTests
{
    [TestCase("GATEWAY__COAP__PORT", "0")]
    [TestCase("gateway__Coap__port", "0")]
    public void A_variable_names_a_value_in_any_case(string name, string value) =>
        Assert.That(WithVariables("{}", (name, value)).Settings.Coap.Port, Is.Zero);

    [Test]
    public void Other_variables_are_none_of_ours()
    {
        var (_, problems) = WithVariables("{}", ("GATEWAY_PORT", "tcp://10.0.0.1"), ("GATEWAY", "x"), ("MY_GATEWAY__COAP__PORT", "x"));

        Assert.That(problems, Is.Empty);
    }

    [Test]
    public void One_entry_of_a_default_list_or_map_can_be_changed_and_the_others_stay()
    {
        var (settings, problems) = WithVariables("{}",
            ("GATEWAY__ROUTES__0__PATH", "/efento/m"), ("GATEWAY__ROUTES__3__METHODS__1", "put"), ("GATEWAY__SINKS__FILE__PATH", "x"), ("GATEWAY__PROFILES__JSON__LABELS__0", "a"));

        Assert.That(problems, Is.Empty);
        Assert.That(settings.Routes.Take(5).Select(route => route.Path), Is.EqualTo(["/efento/m", "/i", "/c", "/t", "/devices/{device_id}/data"]));
        Assert.That(settings.Routes[3].Methods, Is.EqualTo([RouteMethod.Get, RouteMethod.Put]));
        Assert.That(settings.Routes[3].Identity, Is.Empty);
        Assert.That(((FileSinkSettings)settings.Sinks["file"]).Path, Is.EqualTo("x"));
        Assert.That(settings.Sinks.Keys, Is.EqualTo(["file", "console"]));
        Assert.That(settings.Profiles["json"].Labels, Is.EqualTo(["a"]));
        Assert.That(settings.Profiles["json"].Script, Is.EqualTo("json.csx"));
    }

    [Test]
    public void A_list_that_an_entry_of_the_file_leaves_out_starts_with_its_default()
    {
        var (settings, problems) = WithSets("""{"routes": [{"path": "/x", "profile": "p"}]}""", "routes[0].methods[2]=get", "routes[0].identity[0]=script");

        Assert.That(problems, Is.Empty);
        Assert.That(settings.Routes[0].Methods, Is.EqualTo([RouteMethod.Post, RouteMethod.Put, RouteMethod.Get]));
        Assert.That(settings.Routes[0].Identity, Is.EqualTo(["script"]));
    }

    [Test]
    public void Entries_can_be_added()
    {
        var (settings, problems) = WithVariables("{}",
        [
            ("GATEWAY__SINKS__AUDIT__PATH", "audit.ndjson"), ("GATEWAY__SINKS__AUDIT__TYPE", "file"), ("GATEWAY__ROUTES__5__PROFILE", "json"), ("GATEWAY__ROUTES__5__PATH", "/x"),
            ("GATEWAY__COAP__ADDRESSES__9", "9"), ("GATEWAY__COAP__ADDRESSES__10", "10"), .. Enumerable.Range(0, 9).Select(i => ($"GATEWAY__COAP__ADDRESSES__{i}", $"{i}")),
        ]);

        Assert.That(problems, Is.Empty);
        Assert.That(settings.Sinks["audit"], Is.EqualTo(new FileSinkSettings { Path = "audit.ndjson" }));
        Assert.That(settings.Routes[5].Path, Is.EqualTo("/x"));
        Assert.That(settings.Coap.Addresses, Is.EqualTo(Enumerable.Range(0, 11).Select(i => $"{i}")), "9 comes before 10");
    }

    [Test]
    public void A_value_is_JSON_where_the_place_takes_it_and_otherwise_a_text()
    {
        var (settings, problems) = WithSets("{}",
            "coap.addresses=[\"::1\"]", "api.address=::1", "storage.path=12", "journal.path=\"quoted\"", "scripts.path=null", "log.level=warn", "coap.piggyback_timeout_seconds=2e-1",
            "devices.import_path=null", "profiles.efento.settings.zone=Europe/Warsaw", "profiles.efento.settings.offset=7", "sinks={\"a\": {\"type\": \"console\"}}");

        Assert.That(problems, Is.Empty);
        Assert.That(settings.Coap.Addresses, Is.EqualTo(["::1"]));
        Assert.That(settings.Api.Address, Is.EqualTo("::1"));
        Assert.That(settings.Storage.Path, Is.EqualTo("12"));
        Assert.That(settings.Journal.Path, Is.EqualTo("quoted"));
        Assert.That(settings.Scripts.Path, Is.EqualTo("null"));
        Assert.That(settings.Log.Level, Is.EqualTo(LogVerbosity.Warn));
        Assert.That(settings.Coap.PiggybackTimeoutSeconds, Is.EqualTo(0.2));
        Assert.That(settings.Devices.ImportPath, Is.Null);
        Assert.That(settings.Profiles["efento"].Settings.Select(setting => $"{setting.Key}={setting.Value.GetRawText()}"), Is.EqualTo(["zone=\"Europe/Warsaw\"", "offset=7"]));
        Assert.That(settings.Sinks.Keys, Is.EqualTo(["a"]));
    }

    [Test]
    public void A_later_one_wins() =>
        Assert.That(WithSets("""{"coap": {"port": 1}}""", "coap.port=2", "coap.port=3").Settings.Coap.Port, Is.EqualTo(3));

    [TestCase("coap.prot=1", "--set coap.prot: coap.prot: there is no such setting; did you mean \"port\"?")]
    [TestCase("cop.port=1", "--set cop.port: cop: there is no such setting; did you mean \"coap\"?")]
    [TestCase("coap.port.x=1", "--set coap.port.x: coap.port: is set as a whole: it has no parts")]
    [TestCase("routes[16].path=/x", "--set routes[16].path: routes: has no entry 16: there are 14, counted from 0, and 14 would add one")]
    [TestCase("routes.x.path=/x", "--set routes.x.path: routes: has no entry x: there are 14, counted from 0, and 14 would add one")]
    [TestCase("sinks.file.pth=/x", "--set sinks.file.pth: sinks.file.pth: there is no such setting; did you mean \"path\"?")]
    [TestCase("sinks.file.type.x=1", "--set sinks.file.type.x: sinks.file.type: is set as a whole: it has no parts")]
    [TestCase("coap.port", "--set coap.port: is no name and value, such as coap.port=0 or routes[0].path=/m")]
    [TestCase("=1", "--set =1: is no name and value, such as coap.port=0 or routes[0].path=/m")]
    [TestCase("coap..port=1", "--set coap..port=1: is no name and value, such as coap.port=0 or routes[0].path=/m")]
    [TestCase("coap={\"port\": 1, \"port\": 2}", "--set coap: coap.port: is given more than once")]
    public void A_bad_override_is_reported_by_its_name(string assignment, string problem) =>
        Assert.That(WithSets("{}", assignment).Problems, Is.EqualTo([problem]));

    [Test]
    public void A_bad_variable_is_reported_by_its_name() =>
        Assert.That(WithVariables("{}", ("GATEWAY__COAP__PROT", "1")).Problems, Is.EqualTo(["GATEWAY__COAP__PROT: coap.prot: there is no such setting; did you mean \"port\"?"]));

    [Test]
    public void Half_a_character_is_taken_as_a_text() =>
        Assert.That(WithSets("{}", "coap.port=\ud800").Problems, Is.EqualTo(["gateway.json: coap.port: must be a whole number, not \"\ufffd\""]));

    [Test]
    public void Where_the_file_is_wrong_the_override_keeps_silent() =>
        Assert.That(WithSets("""{"coap": 5}""", "coap.port=1").Problems, Is.EqualTo(["gateway.json: coap: must be an object, not 5"]));

    [Test]
    public void Keys_that_are_no_plain_names_are_quoted() =>
        Assert.That(WithSets("{}", "profiles[\"my.meter\"].script=m.csx").Settings.Profiles["my.meter"].Script, Is.EqualTo("m.csx"));

    [Test]
    public void No_override_makes_the_layer_throw() =>
        Gen.Select(RandomJson.Document, RandomJson.Path, Gen.OneOf(Gen.String, RandomJson.Document)).Sample((json, path, value) =>
            Assert.That(() => WithSets(json.StartsWith('{') ? json : "{}", $"{path}={value}"), Throws.Nothing), iter: 2000);

    private static (GatewaySettings Settings, string[] Problems) WithVariables(string json, params (string Name, string Value)[] variables) =>
        Read(json, _ => SettingsOverride.FromEnvironment(variables.ToDictionary(variable => variable.Name, variable => variable.Value)));

    private static (GatewaySettings Settings, string[] Problems) WithSets(string json, params string[] sets) =>
        Read(json, problems => SettingsOverride.FromCommandLine(sets, problems));

    private static (GatewaySettings Settings, string[] Problems) Read(string json, Func<List<SettingsProblem>, IEnumerable<SettingsOverride>> overrides)
    {
        var problems = new List<SettingsProblem>();
        SettingsJson.TryParse(json, "", problems, out var tree);
        SettingsOverrides.Apply<GatewaySettings>((JsonObject)tree!, overrides(problems), problems);
        var settings = SettingsReader.Read<GatewaySettings>(tree, problems);
        return (settings, [.. problems.Select(problem => problem.Describe("gateway.json"))]);
    }
}
