namespace Gateway.Tests.Configuration;

/// <summary>docs/configuration.md, which is made of the settings.</summary>
internal sealed class ConfigurationGuideTests
{
    [Test]
    public void The_published_page_is_that_of_the_code()
    {
        var file = Repository.PathOf("docs", "configuration.md");
        var page = ConfigurationGuide.Generate();
        if (Environment.GetEnvironmentVariable("UPDATE_APPROVED") is "1")
        {
            File.WriteAllText(file, page);
        }

        Assert.That(File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "", Is.EqualTo(page),
            "docs/configuration.md is not that of the settings any more: run the tests with UPDATE_APPROVED=1 in the environment to rewrite it, and look at the difference");
    }
}
