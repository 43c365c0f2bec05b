using System.Text.RegularExpressions;
using Gateway.Configuration;
using Gateway.Tests.Support;

namespace Gateway.Tests.Intake;

/// <summary>docs/intake.md, which people paste from.</summary>
internal sealed partial class IntakeGuideTests
{
    private static readonly string Text = File.ReadAllText(Repository.PathOf("docs", "intake.md")).ReplaceLineEndings("\n");

    private static IEnumerable<string> Examples() => Example().Matches(Text).Select(match => match.Groups[1].Value);

    [TestCaseSource(nameof(Examples))]
    public void An_example_works_when_it_is_pasted(string json)
    {
        using var folder = new TempFolder();
        var variables = new Dictionary<string, string> { ["INTAKE_PASSWORD"] = "a-password" };

        Assert.That(ConfigurationLoader.Load(new ConfigurationSources { File = folder.Write("gateway.json", json), Environment = variables }).ProblemLines, Is.Empty);
    }

    [Test]
    public void Every_setting_is_told_of()
    {
        var untold = from kind in ((UnionShape)((MapShape)SettingsShape.Of(typeof(GatewaySettings).GetProperty(nameof(GatewaySettings.Intake))!.PropertyType)).Item).Kinds.Values
                     from member in kind.Members
                     where !Text.Contains($"`{member.Name}`", StringComparison.Ordinal)
                     select member.Name;

        Assert.That(untold.Distinct(), Is.Empty);
    }

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
