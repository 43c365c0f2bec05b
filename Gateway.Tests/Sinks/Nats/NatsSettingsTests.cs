using Gateway.Configuration;
using Gateway.Sinks;
using Gateway.Tests.Support;

namespace Gateway.Tests.Sinks.Nats;

internal sealed class NatsSettingsTests
{
    [TestCase("""{ "type": "nats" }""", "sinks.a.url: must be given")]
    [TestCase("""{ "type": "nats", "url": "http://b" }""", "sinks.a.url: is no URL of a server: write nats://host or tls://host")]
    [TestCase("""{ "type": "nats", "url": "nats://me:secret@b" }""", "sinks.a.url: must not have a user and password in it")]
    [TestCase("""{ "type": "nats", "url": "nats://b", "subject": "a.{devide_id}" }""", "sinks.a.subject: there is no variable {devide_id}")]
    [TestCase("""{ "type": "nats", "url": "nats://b", "subject": "a.>" }""", "sinks.a.subject: \">\" is not allowed in a topic of NATS")]
    [TestCase("""{ "type": "nats", "url": "nats://b", "stream": "a.b" }""", "sinks.a.stream: must have no white space")]
    [TestCase("""{ "type": "nats", "url": "nats://b", "subjects": [""] }""", "sinks.a.subjects: must not have an empty subject")]
    [TestCase("""{ "type": "nats", "url": "nats://b", "password": "secret" }""", "sinks.a.password: has no user: give both or neither")]
    [TestCase("""{ "type": "nats", "url": "nats://b", "user": "u", "token": "secret" }""", "sinks.a.user: is one of several ways to say who the gateway is")]
    [TestCase("""{ "type": "nats", "url": "nats://b", "nkey_file": "" }""", "sinks.a.nkey_file: must name a file")]
    [TestCase("""{ "type": "nats", "url": "tls://b", "tls": { "key_file": "a.key" } }""", "sinks.a.tls.certificate_file: a certificate and its key go together")]
    public void Bad_settings_are_refused_at_start(string sink, string problem) =>
        Assert.That(Load(sink).ProblemLines.Single(), Does.Contain(problem).And.Not.Contain("secret"));

    [Test]
    public void The_token_comes_from_the_environment_and_files_from_the_folder()
    {
        var loaded = Load("""{ "type": "nats", "url": "tls://b", "token": "${TOKEN}", "tls": { "ca_file": "ca.pem" } }""");

        var options = NatsOptions.Of((NatsSinkSettings)loaded.Settings.Sinks["a"]);
        Assert.That(loaded.ProblemLines, Is.Empty);
        Assert.That((options.Url, options.AuthOpts.Token), Is.EqualTo(("tls://b:4222", "s3cret")));
        Assert.That(((NatsSinkSettings)loaded.Settings.Sinks["a"]).Tls.CaFile, Is.EqualTo(Path.Combine(loaded.BaseFolder, "ca.pem")));
    }

    [TestCase("devices.{device_id}.readings.{index}", "devices.*.readings.*")]
    [TestCase("{profile}.{label...}.x", "*.>")]
    public void A_new_stream_takes_what_the_template_makes(string subject, string pattern) =>
        Assert.That(NatsOptions.StreamOf(new NatsSinkSettings { Subject = subject }).Subjects, Is.EqualTo(new[] { pattern }));

    [TestCase("nats://[::1]", "nats://[::1]:4222")]
    [TestCase("nats://b:1", "nats://b:1")]
    public void A_server_without_a_port_has_the_usual_one(string url, string whole) =>
        Assert.That(NatsOptions.Of(new NatsSinkSettings { Url = url }).Url, Is.EqualTo(whole));

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
