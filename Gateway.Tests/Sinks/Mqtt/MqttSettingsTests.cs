using Gateway.Configuration;
using Gateway.Sinks;
using Gateway.Tests.Support;

namespace Gateway.Tests.Sinks.Mqtt;

internal sealed class MqttSettingsTests
{
    [TestCase("""{ "type": "mqtt" }""", "sinks.a.url: must be given")]
    [TestCase("""{ "type": "mqtt", "url": "broker:1883" }""", "sinks.a.url: is no URL of a server: write mqtt://host or mqtts://host")]
    [TestCase("""{ "type": "mqtt", "url": "http://broker" }""", "sinks.a.url: is no URL of a server: write mqtt://host or mqtts://host")]
    [TestCase("""{ "type": "mqtt", "url": "mqtt://me:secret@broker" }""", "sinks.a.url: must not have a user and password in it: they have settings of their own")]
    [TestCase("""{ "type": "mqtt", "url": "mqtt://broker/topic" }""", "sinks.a.url: has something behind the host and port: write mqtt://host or mqtts://host")]
    [TestCase("""{ "type": "mqtt", "url": "mqtt://b", "topic": "{devide_id}" }""", "sinks.a.topic: there is no variable {devide_id}")]
    [TestCase("""{ "type": "mqtt", "url": "mqtt://b", "topic": "" }""", "sinks.a.topic: must not be empty")]
    [TestCase("""{ "type": "mqtt", "url": "mqtt://b", "password": "p" }""", "sinks.a.password: has no user: give both or neither")]
    [TestCase("""{ "type": "mqtt", "url": "mqtt://b", "version": "v4" }""", "sinks.a.version: \"v4\" is none of \"v5\", \"v311\"")]
    [TestCase("""{ "type": "mqtt", "url": "mqtt://b", "will": { "topic": "a/{device_id}" } }""", "sinks.a.will.topic: takes no variables")]
    [TestCase("""{ "type": "mqtt", "url": "mqtt://b", "will": { "topic": "a/#" } }""", "sinks.a.will.topic: \"#\" is not allowed")]
    [TestCase("""{ "type": "mqtt", "url": "mqtts://b", "tls": { "certificate_file": "a.pem" } }""", "sinks.a.tls.key_file: a certificate and its key go together")]
    [TestCase("""{ "type": "mqtt", "url": "mqtts://b", "tls": { "ca_file": "" } }""", "sinks.a.tls.ca_file: must name a file")]
    public void Bad_settings_are_refused_at_start(string sink, string problem) =>
        Assert.That(Load(sink).ProblemLines.Single(), Does.Contain(problem).And.Not.Contain("secret"));

    [Test]
    public void The_password_comes_from_the_environment_and_files_from_the_folder()
    {
        var loaded = Load("""{ "type": "mqtt", "url": "mqtts://b", "user": "u", "password": "${TOKEN}", "tls": { "ca_file": "ca.pem" } }""");

        var settings = (MqttSinkSettings)loaded.Settings.Sinks["a"];
        Assert.That(loaded.ProblemLines, Is.Empty);
        Assert.That(settings.Password, Is.EqualTo("s3cret"));
        Assert.That(settings.Tls.CaFile, Is.EqualTo(Path.Combine(loaded.BaseFolder, "ca.pem")));
    }

    [TestCase("devices/{device_id}", false)]
    [TestCase("devices/{device_id}/{index}", true)]
    public void SenML_packs_are_of_one_index_where_the_topic_has_it(string topic, bool byIndex) =>
        Assert.That(new MqttSinkSettings { Topic = topic }.PacksByIndex, Is.EqualTo(byIndex));

    private static LoadedConfiguration Load(string sink)
    {
        using var folder = new TempFolder();
        return ConfigurationLoader.Load(new ConfigurationSources
        {
            File = folder.Write("gateway.json", $$"""{ "sinks": { "a": {{sink}} } }"""),
            Environment = new Dictionary<string, string> { ["TOKEN"] = "s3cret" },
        });
    }
}
