using Gateway.Scripting;

namespace Gateway.Tests.Efento;

/// <summary>The golden vectors beside the script hold for the script that is shipped.</summary>
internal sealed class ShippedVectorTests
{
    private static readonly string Source = File.ReadAllText(Repository.PathOf("scripts", "efento.vectors.json"));

    [Test]
    public void The_shipped_script_passes_its_vectors() => Assert.That(new ShippedScript("efento.csx").Fails(Source), Is.Empty);

    [Test]
    public void They_would_tell_of_a_change() => Assert.That(
        new ShippedScript("efento.csx").Fails(Source.Replace("[23.3]", "[23.4]", StringComparison.Ordinal)), Has.Count.EqualTo(1));

    [Test]
    public void There_are_vectors_of_every_kind() => Assert.That(VectorFile.Read(Source, "efento.vectors.json").Vectors, Has.Count.GreaterThanOrEqualTo(12));
}
