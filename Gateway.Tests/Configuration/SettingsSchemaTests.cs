using System.Text.Json.Nodes;
using Gateway.Configuration;

namespace Gateway.Tests.Configuration;

internal sealed class SettingsSchemaTests
{
    [Test]
    public void The_published_schema_is_that_of_the_code()
    {
        var file = Repository.PathOf("gateway.schema.json");
        var schema = SettingsSchema.Generate();
        if (Environment.GetEnvironmentVariable("UPDATE_APPROVED") is "1")
        {
            File.WriteAllText(file, schema);
        }

        Assert.That(File.ReadAllText(file).ReplaceLineEndings("\n"), Is.EqualTo(schema),
            "gateway.schema.json is not that of the settings any more: run the tests with UPDATE_APPROVED=1 in the environment to rewrite it, and look at the difference");
    }

    [Test]
    public void Every_setting_is_described()
    {
        var undescribed = from section in Sections((SectionShape)SettingsShape.Of(typeof(GatewaySettings)))
                          from member in section.Members
                          where string.IsNullOrWhiteSpace(member.Description)
                          select $"{section.Type.Name}.{member.Name}";

        Assert.That(undescribed.Distinct(), Is.Empty);
    }

    [Test]
    public void The_schema_knows_ranges_choices_kinds_and_what_must_be_given()
    {
        var properties = JsonNode.Parse(SettingsSchema.Generate())!["properties"]!;
        var route = properties["routes"]!["items"]!;
        var file = properties["sinks"]!["additionalProperties"]!["oneOf"]![0]!;

        Assert.That(properties["coap"]!["properties"]!["port"]!["maximum"]!.GetValue<double>(), Is.EqualTo(65535));
        Assert.That(properties["coap"]!["additionalProperties"]!.GetValue<bool>(), Is.False);
        Assert.That(route["required"]!.ToJsonString(), Is.EqualTo("""["path","profile"]"""));
        Assert.That(route["properties"]!["methods"]!["items"]!["enum"]!.ToJsonString(), Is.EqualTo("""["get","post","put","delete"]"""));
        Assert.That(route["properties"]!["identity"]!["type"]!.ToJsonString(), Is.EqualTo("""["array","null"]"""));
        Assert.That(file["properties"]!["type"]!.ToJsonString(), Is.EqualTo("""{"const":"file"}"""));
        Assert.That(file["required"]!.ToJsonString(), Is.EqualTo("""["type"]"""));
    }

    private static IEnumerable<SectionShape> Sections(SettingsShape shape) => shape switch
    {
        SectionShape section => [section, .. section.Members.SelectMany(member => Sections(member.Shape))],
        UnionShape union => union.Kinds.Values.SelectMany(Sections),
        ListShape list => Sections(list.Item),
        MapShape map => Sections(map.Item),
        _ => [],
    };
}
