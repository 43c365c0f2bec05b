using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Configuration;

namespace Gateway.Tests.Configuration;

/// <summary>The gateway.json that is shipped, which shows people the defaults.</summary>
internal sealed class ShippedFileTests
{
    private static readonly string Text = File.ReadAllText(Repository.PathOf("gateway.json"));

    [Test]
    public void It_says_what_the_defaults_are()
    {
        var (settings, problems) = SettingsReading.Read<GatewaySettings>(Text);

        Assert.That(problems, Is.Empty);
        Assert.That(SettingsReading.Write(settings), Is.EqualTo(SettingsReading.Write(new GatewaySettings())));
    }

    [Test]
    public void It_passes_all_checks() =>
        Assert.That(ConfigurationLoader.Load(new ConfigurationSources { File = Repository.PathOf("gateway.json") }).ProblemLines, Is.Empty);

    [Test]
    public void It_writes_every_section_and_every_value_of_the_sections_out()
    {
        var file = JsonNode.Parse(Text, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true })!;
        var missing = from section in ((SectionShape)SettingsShape.Of(typeof(GatewaySettings))).Members
                      from place in section.Shape is SectionShape shape ? shape.Members.Select(member => $"{section.Name}.{member.Name}") : [section.Name]
                      where place.Split('.').Aggregate((JsonNode?)file, (node, name) => node?.AsObject().ContainsKey(name) is true ? node[name] ?? new JsonObject() : null) is null
                      select place;

        Assert.That(missing, Is.Empty);
    }

    [Test]
    public void It_names_the_schema_beside_it() => Assert.That(Text, Does.Contain("\"$schema\": \"./gateway.schema.json\""));
}
