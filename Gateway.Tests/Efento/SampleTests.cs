using System.Text.Json;
using Gateway.Protos.Efento;
using static Gateway.Tests.Efento.EfentoSensor;

namespace Gateway.Tests.Efento;

/// <summary>The samples that are shipped, and what their page says of them.</summary>
internal sealed class SampleTests
{
    private static readonly string Folder = Repository.PathOf("samples", "efento");

    private static IEnumerable<string> Messages =>
        Directory.GetFiles(Folder, "*.hex").Select(file => Path.GetFileNameWithoutExtension(file));

    [TestCaseSource(nameof(Messages))]
    public void A_message_is_one_that_is_tested_and_is_listed(string name)
    {
        var bytes = File.ReadAllBytes(Path.Combine(Folder, name + ".bin"));

        Assert.That(Convert.FromHexString(File.ReadAllText(Path.Combine(Folder, name + ".hex")).Trim()), Is.EqualTo(bytes));
        Assert.That(Vector.All.Select(vector => vector.Payload), Has.Some.EqualTo(bytes));
        Assert.That(ReadMe(), Does.Contain($"| `{name}` |"));
    }

    [Test]
    public void The_command_takes_the_bytes_that_its_page_shows()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "config-update.json")));
        var (type, payload) = (json.RootElement.GetProperty("command_type"), json.RootElement.GetProperty("payload"));
        var command = Command(type.GetString()!, payload.GetRawText());

        Assert.That(ReadMe(), Does.Contain("\n" + Convert.ToHexStringLower(Script.FormatCommand(command, Config, null)!) + "\n"));
    }

    [Test]
    public void The_page_names_every_reading_and_every_setting()
    {
        var page = File.ReadAllText(Repository.PathOf("docs", "devices", "efento.md"));
        var types = MeasurementTypeReflection.Descriptor.EnumTypes[0].Values.Skip(1)
            .Select(type => type.Name["MEASUREMENT_TYPE_".Length..]);
        var settings = ProtoConfig.Descriptor.Fields.InDeclarationOrder().Select(setting => setting.Name).Except(CommandTests.Up);

        Assert.That(types.Where(name => !page.Contains(name, StringComparison.Ordinal)), Is.Empty);
        Assert.That(settings.Where(name => !page.Contains($"`{name}`", StringComparison.Ordinal)), Is.Empty);
    }

    private static string ReadMe() => File.ReadAllText(Path.Combine(Folder, "README.md"));
}
