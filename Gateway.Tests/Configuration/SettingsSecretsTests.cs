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
        Assert.That(new SettingsSecrets(Environment).Reveal(text, out var missing), Is.Null);
        Assert.That(missing, Is.EqualTo(expected));
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
