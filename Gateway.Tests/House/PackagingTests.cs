namespace Gateway.Tests.House;

/// <summary>What is packaged is there: nobody builds the image with each change.</summary>
internal sealed class PackagingTests
{
    [Test]
    public void All_that_the_image_copies_is_in_the_repository()
    {
        var sources = File.ReadAllLines(Repository.PathOf("packaging/Dockerfile"))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is ["COPY", ..] && !words[1].StartsWith("--", StringComparison.Ordinal))
            .SelectMany(words => words[1..^1])
            .ToArray();

        Assert.That(sources, Is.Not.Empty);
        Assert.That(sources.Where(source => !Path.Exists(Repository.PathOf(source))), Is.Empty);
    }

    [Test]
    public void What_builds_and_runs_leave_behind_does_not_go_into_the_image()
    {
        var ignored = File.ReadAllLines(Repository.PathOf("packaging/Dockerfile.dockerignore"));

        Assert.That(ignored, Is.SupersetOf(["**/bin", "**/obj", ".git"]));
    }
}
