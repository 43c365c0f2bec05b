using Gateway.Configuration;
using Gateway.Sinks;

namespace Gateway.Tests.Configuration;

internal sealed class ConfigurationLoaderTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("gateway-configuration-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void The_command_line_beats_the_environment_and_the_environment_beats_the_file()
    {
        Write("gateway.json", """{"coap": {"port": 1, "max_exchanges": 100, "max_payload_size": 64}}""");

        var loaded = Load(sources => sources with
        {
            Environment = new Dictionary<string, string> { ["GATEWAY__COAP__PORT"] = "2", ["GATEWAY__COAP__MAX_EXCHANGES"] = "200" },
            Sets = ["coap.port=3"],
        });

        Assert.That(loaded.ProblemLines, Is.Empty);
        Assert.That((loaded.Settings.Coap.Port, loaded.Settings.Coap.MaxExchanges, loaded.Settings.Coap.MaxPayloadSize), Is.EqualTo((3, 200, 64)));
    }

    [Test]
    public void Without_a_file_the_defaults_are_used_from_the_current_folder()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "scripts"));

        var loaded = Load();

        Assert.That(loaded.ProblemLines, Is.Empty);
        Assert.That((loaded.File, loaded.BaseFolder), Is.EqualTo(((string?)null, _folder)));
        Assert.That(loaded.Settings.Storage.Path, Is.EqualTo(Path.Combine(_folder, "data", "gateway.db")));
        Assert.That(loaded.Settings.Scripts.Path, Is.EqualTo(Path.Combine(_folder, "scripts")));
    }

    [Test]
    public void Without_a_file_and_without_scripts_those_of_the_program_are_used()
    {
        Assert.That(Load(sources => sources with { ProgramFolder = "/program" }).Settings.Scripts.Path, Is.EqualTo(Path.Combine("/program", "scripts")));
        Assert.That(Load(sources => sources with { Sets = ["scripts.path=mine"] }).Settings.Scripts.Path, Is.EqualTo(Path.Combine(_folder, "mine")));
    }

    [Test]
    public void With_a_file_its_scripts_are_used()
    {
        Write("gateway.json", "{}");

        Assert.That(Load().Settings.Scripts.Path, Is.EqualTo(Path.Combine(_folder, "scripts")));
    }

    [Test]
    public void Relative_paths_start_from_the_folder_of_the_file()
    {
        var absolute = Path.Combine(_folder, "elsewhere", "journal.db");
        Write("site/my.json", $$$"""
            {
              "scripts": {"path": "../scripts"}, "devices": {"import_path": "devices.ndjson"}, "journal": {"path": "{{{absolute.Replace('\\', '/')}}}"},
              "sinks": {"a": {"type": "file", "path": "a.ndjson"}, "b": {"type": "console"}},
            }
            """);

        var loaded = Load(sources => sources with { File = "site/my.json" });

        var site = Path.Combine(_folder, "site");
        Assert.That(loaded.ProblemLines, Is.Empty);
        Assert.That((loaded.File, loaded.BaseFolder), Is.EqualTo((Path.Combine(site, "my.json"), site)));
        Assert.That(loaded.Settings.Scripts.Path, Is.EqualTo(Path.Combine(_folder, "scripts")));
        Assert.That(loaded.Settings.Devices.ImportPath, Is.EqualTo(Path.Combine(site, "devices.ndjson")));
        Assert.That(loaded.Settings.Journal.Path, Is.EqualTo(Path.GetFullPath(absolute)));
        Assert.That(loaded.Settings.Storage.Path, Is.EqualTo(Path.Combine(site, "data", "gateway.db")));
        Assert.That(loaded.Settings.Sinks["a"], Is.EqualTo(new FileSinkSettings
        {
            Path = Path.Combine(site, "a.ndjson"),
            DeadLetters = new DeadLetterSettings { Path = Path.Combine(site, "data", "dead-letters") },
        }));
    }

    [Test]
    public void A_file_that_was_asked_for_must_be_there()
    {
        var loaded = Load(sources => sources with { File = "missing.json" });

        Assert.That(loaded.ProblemLines, Is.EqualTo([$"missing.json: the file can't be read: Could not find file '{Path.Combine(_folder, "missing.json")}'."]));
    }

    [Test]
    public void A_folder_is_no_file()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "config"));

        Assert.That(Load(sources => sources with { File = "config" }).ProblemLines.Single(), Does.StartWith("config: the file can't be read: "));
    }

    [Test]
    public void Problems_of_all_kinds_and_layers_are_reported_at_once_and_say_where_they_come_from()
    {
        Write("gateway.json", """
            {
              "coap": {"port": 70000, "addresses": [7, "nowhere"]},
              "routes": [{"path": "/m", "profile": "efentp"}, {"path": "/x", "profile": 5}],
              "profles": {},
            }
            """);

        var loaded = Load(sources => sources with
        {
            Environment = new Dictionary<string, string> { ["GATEWAY__API__ADDRESS"] = "0.0.0.0", ["GATEWAY__LOG__LEVEL"] = "loud", ["GATEWAY__LOGS"] = "x" },
            Sets = ["api.port=x", "journal.keep_days"],
        });

        Assert.That(loaded.ProblemLines, Is.EqualTo(
        [
            "--set journal.keep_days: is no name and value, such as coap.port=0 or routes[0].path=/m",
            "GATEWAY__LOGS: logs: there is no such setting; did you mean \"log\"?",
            "gateway.json: coap.port: 70000 is not within 0..65535",
            "gateway.json: coap.addresses[0]: must be a text, not 7",
            "gateway.json: routes[1].profile: must be a text, not 5",
            "gateway.json: profles: there is no such setting; did you mean \"profiles\"?",
            "--set api.port: api.port: must be a whole number, not \"x\"",
            "GATEWAY__LOG__LEVEL: log.level: \"loud\" is none of \"trace\", \"debug\", \"info\", \"warn\", \"error\"",
            "gateway.json: coap.addresses[1]: \"nowhere\" is no IP address, and not \"*\" for all addresses of this machine",
            "gateway.json: routes[0].profile: there is no profile \"efentp\"; did you mean \"efento\"?",
            "GATEWAY__API__ADDRESS: api.address: 0.0.0.0 can be reached from other machines, and without api.tls everybody on the way reads the keys: give a certificate, write 127.0.0.1 or ::1, or say api.allow_plain_http where a proxy in front brings TLS",
        ]));
    }

    [Test]
    public void A_file_that_is_no_JSON_is_the_only_problem()
    {
        Write("gateway.json", "{ \"coap\": ");

        Assert.That(Load(sources => sources with { Sets = ["routes[9].path=/x"] }).ProblemLines.Single(), Does.StartWith("gateway.json: line 1, column "));
    }

    [Test]
    public void A_file_in_another_folder_is_called_by_its_full_path()
    {
        var file = Write("elsewhere/gateway.json", "[]");

        var loaded = ConfigurationLoader.Load(new ConfigurationSources { File = file, CurrentFolder = Path.Combine(_folder, "here") });

        Assert.That(loaded.ProblemLines, Is.EqualTo([$"{file}: must be an object, not a list"]));
    }

    private LoadedConfiguration Load(Func<ConfigurationSources, ConfigurationSources>? change = null) =>
        ConfigurationLoader.Load((change ?? (sources => sources))(new ConfigurationSources { CurrentFolder = _folder }));

    private string Write(string name, string text)
    {
        var file = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return file;
    }
}
