using Gateway.Scripting;

namespace Gateway.Tests.Families;

/// <summary>What every shipped script brings along.</summary>
internal sealed class FamilyTests
{
    // LwM2M has its commands in requests to the device.
    private static readonly string[] WithoutCommands = ["lwm2m"];

    [TestCaseSource(typeof(Family), nameof(Family.Names))]
    public void A_script_passes_its_vectors(string name) => Assert.That(Family.Of(name).Script.Fails(Family.Of(name).Vectors).Select(problem => problem.ToString()), Is.Empty);

    [TestCaseSource(typeof(Family), nameof(Family.Names))]
    public void There_are_vectors_of_what_is_read_and_refused_in_both_directions(string name)
    {
        var vectors = Family.Of(name).VectorList;

        Assert.That(vectors.OfType<UplinkVector>().Count(vector => vector.Readings?.Count > 0), Is.GreaterThan(2));
        Assert.That(vectors.OfType<UplinkVector>().Count(vector => vector.Error is not null), Is.GreaterThan(1));
        Assert.That(vectors.OfType<CommandVector>().Any(vector => vector.Bytes is not null), Is.Not.EqualTo(WithoutCommands.Contains(name)));
    }

    [TestCaseSource(typeof(Family), nameof(Family.Names))]
    public void The_page_names_every_command_and_the_table_of_families_names_the_page(string name)
    {
        var commands = Family.Of(name).Script.Compiled.Commands.Commands;

        Assert.That(commands.Where(command => !Family.Of(name).Page.Contains($"`{command.Type}`", StringComparison.Ordinal)).Select(command => command.Type), Is.Empty);
        Assert.That(File.ReadAllText(Repository.PathOf("docs", "devices", "README.md")), Does.Contain($"({name}.md)"));
    }
}
