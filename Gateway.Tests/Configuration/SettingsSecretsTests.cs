using Gateway.Configuration;
using Gateway.Sinks;
using Gateway.Tests.Support;

namespace Gateway.Tests.Configuration;

internal sealed class SettingsSecretsTests
{
    private static readonly Dictionary<string, string> Environment = new() { ["TOKEN"] = "s3cret-thing", ["EMPTY"] = "" };

    [TestCase("${TOKEN}", "s3cret-thing")]
    [TestCase("Bearer ${TOKEN}.${TOKEN}", "Bearer s3cret-thing.s3cret-thing")]
    [TestCase("$${TOKEN}", "${TOKEN}")]
    [TestCase("$TOKEN {TOKEN} ${} ${1}", "$TOKEN {TOKEN} ${} ${1}")]
    public void A_text_may_name_variables_of_the_environment(string text, string expected) =>
        Assert.That(new SettingsSecrets(Environment).Reveal(text, out _), Is.EqualTo(expected));

    [TestCase("${NONE}", "NONE")]
    [TestCase("${EMPTY}", "EMPTY")]
    [TestCase("${TOKEN}${NONE}", "NONE")]
    public void A_variable_that_is_missing_or_empty_is_named(string text, string expected)
    {
        Assert.That(new SettingsSecrets(Environment).Reveal(text, out var problem), Is.Null);
        Assert.That(problem, Is.EqualTo($"the environment has no variable {expected}"));
    }

    [TestCase("${file:token}", "from-a-file")]
    [TestCase("Bearer ${file:token}, ${TOKEN}", "Bearer from-a-file, s3cret-thing")]
    [TestCase("$${file:token}", "${file:token}")]
    public void A_text_may_name_files(string text, string expected)
    {
        using var folder = new TempFolder();
        folder.Write("token", "from-a-file\r\n");

        Assert.That(new SettingsSecrets(Environment, folder.Path).Reveal(text, out _), Is.EqualTo(expected));
        Assert.That(new SettingsSecrets(Environment).Reveal($"${{file:{folder.PathOf("token")}}}", out _), Is.EqualTo("from-a-file"));
    }

    [TestCase("${file:empty}", "the file empty is empty")]
    [TestCase("${file:none}", "the file none can't be read")]
    [TestCase("${file:.}", "the file . can't be read")]
    [TestCase("${file:long}", "the file long is longer than 64 KB")]
    public void A_file_that_is_no_secret_is_named(string text, string expected)
    {
        using var folder = new TempFolder();
        folder.Write("empty", "\n");
        folder.Write("long", new string('x', 70_000));

        Assert.That(new SettingsSecrets(Environment, folder.Path).Reveal(text, out var problem), Is.Null);
        Assert.That(problem, Does.StartWith(expected));
    }

    [TestCase("""{"sinks": {"a": {"type": "mqtt", "url": "mqtt://127.0.0.1", "user": "u", "password": 918273645}}}""")]
    [TestCase("""{"sinks": {"a": {"type": "mqtt", "url": "mqtt://127.0.0.1", "user": "u", "password": ["918273645"]}}}""")]
    [TestCase("""{"api": {"tls": {"certificate_file": "x", "password": {"918273645": 1}}}}""")]
    public void A_secret_of_the_wrong_type_is_not_shown(string json)
    {
        var problems = Load(json).ProblemLines.ToList();

        Assert.That(problems, Has.One.Contains("must be a text"));
        Assert.That(problems, Has.None.Contains("918273645"));
    }

    [Test]
    public void The_gateway_does_not_start_without_it()
    {
        var loaded = Load("""{"sinks": {"a": {"type": "file", "path": "${NOWHERE}"}}}""");

        Assert.That(loaded.Problems.Select(problem => $"{problem.Path}: {problem.Message}"), Is.EqualTo(["sinks.a.path: the environment has no variable NOWHERE"]));
    }

    [Test]
    public void A_setting_has_the_value_and_a_problem_only_the_name()
    {
        Assert.That(((FileSinkSettings)Load("""{"sinks": {"a": {"type": "file", "path": "/x/${TOKEN}"}}}""").Settings.Sinks["a"]).Path, Does.EndWith("s3cret-thing"));
        Assert.That(Load("""{"routes": [], "sinks": {"a": {"type": "console", "filter": {"profiles": ["${TOKEN}"]}}}}""").ProblemLines.Single(),
            Does.Contain("\"${TOKEN}\"").And.Not.Contain("s3cret"));
    }

    private static LoadedConfiguration Load(string json)
    {
        using var folder = new TempFolder();
        return ConfigurationLoader.Load(new ConfigurationSources { File = folder.Write("gateway.json", json), Environment = Environment });
    }
}
