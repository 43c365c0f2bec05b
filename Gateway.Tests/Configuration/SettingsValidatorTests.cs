using CsCheck;
using Gateway.Configuration;

namespace Gateway.Tests.Configuration;

internal sealed class SettingsValidatorTests
{
    private static readonly string Folder = Path.GetTempPath();

    [Test]
    public void The_defaults_are_sound() => Assert.That(SettingsValidator.Validate(new GatewaySettings(), Folder), Is.Empty);

    [TestCase("""{"profiles": {"a": {"script": "a.csx", "known_options": [65011, 65536]}}, "routes": []}""", "profiles.a.known_options[1]: 65536 is not within 1..65535")]
    [TestCase("""{"profiles": {"a": {"script": "a.csx", "known_options": [11]}}, "routes": []}""", "profiles.a.known_options[0]: 11 is one of CoAP's own options, and known already")]
    [TestCase("""{"log": {"levels": {"Gateway.*": "debug"}}}""", "log.levels[\"Gateway.*\"]: \"Gateway.*\" is no category, such as \"Gateway.Uplink\", and not the beginning of one")]
    [TestCase("""{"telemetry": {"otlp": {"endpoint": "localhost:4318"}}}""", "telemetry.otlp.endpoint: is no base address such as http://localhost:4318")]
    [TestCase("""{"telemetry": {"otlp": {"endpoint": "http://[::1]:4318", "headers": {"a b": "c"}}}}""", "telemetry.otlp.headers[\"a b\"]: is no header of a request, or its value has a line end in it")]
    [TestCase("""{"coap": {"addresses": ["localhost"]}}""", "coap.addresses[0]: \"localhost\" is no IP address, and not \"*\" for all addresses of this machine")]
    [TestCase("""{"coap": {"addresses": ["1"]}}""", "coap.addresses[0]: \"1\" is no IP address, and not \"*\" for all addresses of this machine")]
    [TestCase("""{"coap": {"addresses": ["[::1]:5683"]}}""", "coap.addresses[0]: \"[::1]:5683\" is no IP address, and not \"*\" for all addresses of this machine")]
    [TestCase("""{"coap": {"addresses": ["::1", "::1"]}}""", "coap.addresses[1]: \"::1\" is in the list already")]
    [TestCase("""{"coap": {"addresses": ["*", "::1"]}}""", "coap.addresses[1]: \"*\" covers \"::1\" already: leave one of them out")]
    [TestCase("""{"routes": [], "profiles": {"efento": {"script": "a.cs"}, "json": {"script": "j.csx"}}}""", "profiles.efento.script: \"a.cs\" is no script: its name must end with .csx")]
    [TestCase("""{"routes": [], "profiles": {"efento": {"script": "../a.csx"}, "json": {"script": "j.csx"}}}""", "profiles.efento.script: \"../a.csx\" must name a file in the scripts folder, such as \"efento.csx\"")]
    [TestCase("""{"routes": [], "profiles": {"efento": {"script": "/a.csx"}, "json": {"script": "j.csx"}}}""", "profiles.efento.script: \"/a.csx\" must name a file in the scripts folder, such as \"efento.csx\"")]
    [TestCase("""{"routes": [], "profiles": {"efento": {"script": "C:\\a.csx"}, "json": {"script": "j.csx"}}}""", "profiles.efento.script: \"C:\\a.csx\" must name a file in the scripts folder, such as \"efento.csx\"")]
    [TestCase("""{"routes": [], "profiles": {"efento": {"script": "e.csx"}, "json": {"script": "j.csx"}, "": {"script": "n.csx"}}}""", "profiles[\"\"]: a profile needs a name")]
    [TestCase("""{"sinks": {"My sink": {"type": "console"}}}""", "sinks[\"My sink\"]: a sink's name is of the letters a to z, digits, _ and -: it names its place in the journal")]
    [TestCase("""{"sinks": {"a": {"type": "file", "path": "x/y"}, "b": {"type": "file", "path": "./x//y"}}}""", "sinks.b.path: \"./x//y\" is the file of sinks.a.path already")]
    [TestCase("""{"sinks": {"a": {"type": "console", "filter": {"profiles": ["efento", "jsn"]}}}}""", "sinks.a.filter.profiles[1]: there is no profile \"jsn\"; did you mean \"json\"?")]
    [TestCase("""{"sinks": {"a": {"type": "console", "filter": {"labels": [" "]}}}}""", "sinks.a.filter.labels[0]: must not be empty")]
    [TestCase("""{"sinks": {"a": {"type": "console", "filter": {"indexes": ["T", "T"]}}}}""", "sinks.a.filter.indexes[1]: \"T\" is in the list already")]
    [TestCase("""{"sinks": {"a": {"type": "console", "filter": {"indexes": ["T"], "kinds": ["error"]}}}}""", "sinks.a.filter.indexes: only readings have an index, and filter.kinds leaves readings out: nothing would pass")]
    [TestCase("""{"sinks": {"a": {"type": "http", "url": "example.com"}}}""", "sinks.a.url: is no address such as https://example.com/readings")]
    [TestCase("""{"sinks": {"a": {"type": "http", "url": "https://me:pw@example.com"}}}""", "sinks.a.url: must have no name and password in it: write {\"Authorization\": \"Basic ${CREDENTIALS}\"} in headers")]
    [TestCase("""{"sinks": {"a": {"type": "http", "url": "https://example.com", "headers": {"content-type": "x"}}}}""", "sinks.a.headers[\"content-type\"]: is a header that the gateway writes itself")]
    [TestCase("""{"sinks": {"a": {"type": "http", "url": "https://example.com", "headers": {"X": "a\r\nY: b"}}}}""", "sinks.a.headers[\"X\"]: is no header of a request, or its value has a line end in it")]
    [TestCase("""{"sinks": {"a": {"type": "http", "url": "https://example.com", "signature_key": "short"}}}""", "sinks.a.signature_key: must have 16 characters at least: whoever guesses it can write readings")]
    [TestCase("""{"storage": {"path": "data/journal.db"}}""", "journal.path: \"data/journal.db\" is the file of storage.path already")]
    [TestCase("""{"storage": {"path": "a\u0000b"}}""", "storage.path: no file's name has the character \\u0000")]
    [TestCase("""{"sinks": {"a": {"type": "file", "enabled": false, "path": "\u0000"}}}""", "sinks.a.path: no file's name has the character \\u0000")]
    [TestCase("""{"devices": {"import_path": ""}}""", "devices.import_path: must not be empty: leave it out, or write null, when there is nothing to import")]
    [TestCase("""{"routes": [], "profiles": {"efento": {"script": "efento.csx"}, "json": {"script": "json.csx", "proof": [{"type": "peer", "prefixes": ["10.0.0.0/33"]}]}}}""", "profiles.json.proof[0].prefixes[0]: \"10.0.0.0/33\" is no network such as \"10.20.0.0/16\" or \"2001:db8::/32\"")]
    [TestCase("""{"routes": [], "profiles": {"efento": {"script": "efento.csx"}, "json": {"script": "json.csx", "proof": [{"type": "peer"}]}}}""", "profiles.json.proof[0].prefixes: needs at least 1 entry")]
    [TestCase("""{"routes": [], "profiles": {"efento": {"script": "efento.csx"}, "json": {"script": "json.csx", "proof": [{"type": "token", "option": 11}]}}}""", "profiles.json.proof[0].option: 11 is one of CoAP's own options, and has another meaning")]
    [TestCase("""{"routes": [], "profiles": {"efento": {"script": "efento.csx"}, "json": {"script": "json.csx", "proof": [{"type": "token", "token": ""}]}}}""", "profiles.json.proof[0].token: must have 1 to 255 bytes")]
    [TestCase("""{"routes": [], "profiles": {"efento": {"script": "efento.csx"}, "json": {"script": "json.csx", "proof": [{"type": "token"}, {"type": "token"}]}}}""", "profiles.json.proof[1]: a profile asks for one token: leave the second rule out")]
    [TestCase("""{"api": {"address": "localhost"}}""", "api.address: \"localhost\" is no IP address: write 127.0.0.1 or ::1, or 0.0.0.0 or :: for all addresses of this machine")]
    [TestCase("""{"access": {"open_id": {"authority": "login", "audience": "gateway"}}}""", "access.open_id.authority: \"login\" is no address such as \"https://login.example.com/realms/main\"")]
    [TestCase("""{"access": {"open_id": {"authority": "http://login.example.com", "audience": "gateway"}}}""", "access.open_id.authority: must be https: whoever is on the way could give out keys of their own")]
    [TestCase("""{"api": {"address": "0.0.0.0"}}""", "api.address: 0.0.0.0 can be reached from other machines, and without api.tls everybody on the way reads the keys: give a certificate, write 127.0.0.1 or ::1, or say api.allow_plain_http where a proxy in front brings TLS")]
    public void A_problem_names_its_place_and_what_would_be_right(string json, string problem) => Assert.That(ProblemsOf(json), Is.EqualTo([problem]));

    [TestCase("""{"path": "m", "profile": "json"}""", "routes[0].path: \"m\" must start with \"/\"")]
    [TestCase("""{"path": "/m", "profile": "jsn"}""", "routes[0].profile: there is no profile \"jsn\"; did you mean \"json\"?")]
    [TestCase("""{"path": "/rd", "profile": "json", "methods": ["get"], "registers": true}""", "routes[0].methods: a route with \"registers\" must serve post")]
    [TestCase("""{"path": "/m", "profile": "x"}""", "routes[0].profile: there is no profile \"x\"; there are \"efento\", \"json\", \"senml\", \"nrf-cloud\", \"dragino-nb\", \"milesight-nb\", \"lwm2m\"")]
    [TestCase("""{"path": "/m", "profile": "json", "identity": ["path"]}""", "routes[0].identity[0]: \"path\" needs the variable {device_id} in the route's path")]
    [TestCase("""{"path": "/m", "profile": "json", "identity": ["script", "query:"]}""", "routes[0].identity[1]: \"query:\" is none of \"path\", \"query:<name>\", \"option:<number>\", \"dtls\", \"script\", \"address\"")]
    [TestCase("""{"path": "/m", "profile": "json", "identity": ["option:0"]}""", "routes[0].identity[0]: \"option:0\" needs the number of a CoAP option, 1..65535, such as \"option:65000\"")]
    [TestCase("""{"path": "/m", "profile": "json", "identity": ["option:65536"]}""", "routes[0].identity[0]: \"option:65536\" needs the number of a CoAP option, 1..65535, such as \"option:65000\"")]
    [TestCase("""{"path": "/m", "profile": "json", "identity": ["psk"]}""", "routes[0].identity[0]: \"psk\" is none of \"path\", \"query:<name>\", \"option:<number>\", \"dtls\", \"script\", \"address\"")]
    [TestCase("""{"path": "/m", "profile": "json", "content_formats": [42, 65536]}""", "routes[0].content_formats[1]: 65536 is not within 0..65535")]
    [TestCase("""{"path": "/m", "profile": "json", "kind": "commands"}""", "routes[0].methods: a route of kind \"commands\" serves [\"get\"] and nothing else")]
    [TestCase("""{"path": "/m", "profile": "json", "kind": "commands", "methods": ["get"], "identity": []}""", "routes[0].identity: a route of kind \"commands\" must ask who the device is: leave it out, or name at least one way")]
    [TestCase("""{"path": "/{a}", "profile": "json"}, {"path": "/{b}", "profile": "efento"}""", "routes[1].path: \"/{b}\" takes the same requests as routes[0]")]
    public void A_route_is_checked(string routes, string problem) => Assert.That(ProblemsOf($$"""{"routes": [{{routes}}]}"""), Is.EqualTo([problem]));

    [TestCase("""{"path": "/devices/{id}", "profile": "json"}, {"path": "/devices/new", "profile": "json"}""", Description = "A text beats a variable.")]
    [TestCase("""{"path": "/a", "profile": "json", "methods": ["get"]}, {"path": "/a", "profile": "efento", "methods": ["post"]}""", Description = "The methods differ.")]
    [TestCase("""{"path": "/{device_id}", "profile": "json", "identity": ["path", "query:ep", "option:65000", "script"]}""")]
    [TestCase("""{"path": "/m", "profile": "json", "identity": []}""")]
    public void Routes_that_do_not_collide_are_taken(string routes) => Assert.That(ProblemsOf($$"""{"routes": [{{routes}}]}"""), Is.Empty);

    [TestCase("::1")]
    [TestCase("127.8.0.1")]
    public void Every_loopback_address_will_do_for_the_API(string address) => Assert.That(ProblemsOf($$$"""{"api": {"address": "{{{address}}}"}}"""), Is.Empty);

    [Test]
    public void A_sink_that_is_switched_off_takes_no_file_away() =>
        Assert.That(ProblemsOf("""{"sinks": {"a": {"type": "file"}, "b": {"type": "file", "enabled": false}}}"""), Is.Empty);

    [Test]
    public void No_settings_make_the_checks_throw() => RandomJson.Document.Sample(json =>
        Assert.That(() => SettingsValidator.Validate(SettingsReading.Read<GatewaySettings>(json).Settings, Folder).ToList(), Throws.Nothing), iter: 2000);

    private static IEnumerable<string> ProblemsOf(string json)
    {
        var (settings, problems) = SettingsReading.Read<GatewaySettings>(json);
        Assert.That(problems, Is.Empty);
        return SettingsValidator.Validate(settings, Folder).Select(problem => $"{problem.Path}: {problem.Message}");
    }
}
