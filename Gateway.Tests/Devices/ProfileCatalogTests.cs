using System.Text.Json;
using Gateway.Devices;

namespace Gateway.Tests.Devices;

internal sealed class ProfileCatalogTests
{
    private static readonly ProfileCatalog Profiles = new(new Dictionary<string, ProfileSettings>
    {
        ["cold"] = new()
        {
            Script = "cold.csx",
            Settings = new Dictionary<string, JsonElement> { ["scale"] = JsonElement.Parse("1"), ["kept"] = JsonElement.Parse("true") },
            Labels = ["all", "cold"],
            Metadata = new Dictionary<string, string> { ["site"] = "north", ["room"] = "0" },
        },
    });

    [Test]
    public void A_devices_own_configuration_lies_over_its_profiles()
    {
        var config = Profiles.Resolve(
            DeviceOf("cold") with
            {
                Settings = new Dictionary<string, JsonElement> { ["scale"] = JsonElement.Parse("2") },
                Labels = ["own", "cold"],
                Metadata = new Dictionary<string, string> { ["room"] = "7" },
            },
            out var problem)!;

        Assert.That(problem, Is.Null);
        Assert.Multiple(() =>
        {
            Assert.That(config.ParserScriptRef, Is.EqualTo("cold.csx"));
            Assert.That(config.GetNumber("scale"), Is.EqualTo(2));
            Assert.That(config.GetBoolean("kept"), Is.True);
            Assert.That(config.Labels, Is.EqualTo(new[] { "all", "cold", "own" }));
            Assert.That(config.Metadata, Is.EquivalentTo(new Dictionary<string, string> { ["site"] = "north", ["room"] = "7" }));
        });
    }

    [Test]
    public void A_devices_own_script_goes_before_its_profiles() =>
        Assert.That(Profiles.Resolve(DeviceOf("cold") with { ParserScriptRef = "own.csx" }, out _)!.ParserScriptRef, Is.EqualTo("own.csx"));

    [Test]
    public void A_device_with_a_script_needs_no_profile() =>
        Assert.That(Profiles.Resolve(DeviceOf(null) with { ParserScriptRef = "own.csx" }, out _)!.ParserScriptRef, Is.EqualTo("own.csx"));

    [TestCase(null, "parser_script_ref")]
    [TestCase("gone", "cold")]
    public void Without_a_script_there_is_a_problem(string? profile, string hint)
    {
        Assert.That(Profiles.Resolve(DeviceOf(profile), out var problem), Is.Null);
        Assert.That(problem, Does.Contain(hint));
    }

    private static Device DeviceOf(string? profile) => new() { Id = DeviceId.Parse("a"), Profile = profile, CreatedAt = default, UpdatedAt = default };
}
