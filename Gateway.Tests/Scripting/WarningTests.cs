using Gateway.Scripting;
using Gateway.Scripting.Contract;

namespace Gateway.Tests.Scripting;

/// <summary>What a script warns of travels with the outcome of its call, and is never more than a little.</summary>
internal sealed class WarningTests
{
    [Test]
    public void Functions_and_classes_warn_without_naming_where_from()
    {
        var functions = Scripts.Compile("Reading[] parse(byte[] payload, DeviceConfig config) { warn(\"odd\"); Helper.Look(); return []; }\n"
            + "static class Helper { public static void Look() => warn(\"odder\"); }\n" + Scripts.NoCommands);

        Assert.That(functions.Parse().Warnings, Is.EqualTo(["odd", "odder"]));
    }

    [Test]
    public void Readings_made_one_by_one_warn_as_well_and_so_does_a_failing_call()
    {
        var script = Scripts.Compile(
            "IEnumerable<Reading> parse(byte[] payload, DeviceConfig config) { warn(\"first\"); yield return new(\"A\", 1); warn(\"then\"); if (payload.Length > 0) throw new InvalidPayloadException(\"bad\"); }\n"
            + Scripts.NoCommands);

        Assert.That(script.Parse().Warnings, Is.EqualTo(["first", "then"]));
        Assert.That(script.Parse(1), Has.Property("Warnings").EqualTo(new[] { "first", "then" }).And.Property("Succeeded").False);
    }

    [Test]
    public void A_call_begins_without_the_warnings_of_the_one_before()
    {
        var script = Scripts.Compile("Reading[] parse(byte[] payload, DeviceConfig config) { if (payload.Length > 0) warn(\"odd\"); return []; }\n" + Scripts.NoCommands);

        Assert.That((script.Parse(1).Warnings.Count, script.Parse().Warnings.Count), Is.EqualTo((1, 0)));
    }

    [Test]
    public void There_are_at_most_20_different_ones_of_200_characters_on_a_line()
    {
        var script = Scripts.Compile("""
            Reading[] parse(byte[] payload, DeviceConfig config)
            {
                warn("a\nb\u001b[31m\u202e\u2028c"); warn(""); warn(null!); warn(new string('x', 1000)); warn("a\nb\u001b[31m\u202e\u2028c");
                for (var i = 0; i < 100; i++) warn($"number {i}");
                return [];
            }
            """ + "\n" + Scripts.NoCommands);

        var warnings = script.Parse().Warnings;

        Assert.Multiple(() =>
        {
            Assert.That(warnings, Has.Count.EqualTo(20));
            Assert.That(warnings[0], Is.EqualTo("a b [31m  c"));
            Assert.That(warnings[1], Is.EqualTo(new string('x', 199) + "…"));
            Assert.That(warnings[^1], Is.EqualTo("number 17"));
        });
    }

    [Test]
    public void Where_no_gateway_calls_nothing_happens()
    {
        Warnings.warn("nobody hears this");

        Assert.That(Warnings.SoFar(), Is.Empty);
    }

    [Test]
    public void They_are_in_the_metadata_of_each_reading_unless_the_script_set_that_itself()
    {
        Reading[] readings = [new("A", 1), new("B", 2) { Metadata = new Dictionary<string, ReadingValue> { ["warnings"] = "own" } }];
        var config = Scripts.Config with { Metadata = new Dictionary<string, string> { ["room"] = "cellar" } };

        var completed = ReadingCompletion.Complete(readings, config, Scripts.Request, ["odd", "odder"]);

        Assert.Multiple(() =>
        {
            Assert.That(completed[0].Metadata["warnings"], Is.EqualTo((ReadingValue)"odd; odder"));
            Assert.That(completed[0].Metadata["room"], Is.EqualTo((ReadingValue)"cellar"));
            Assert.That(completed[1].Metadata["warnings"], Is.EqualTo((ReadingValue)"own"));
            Assert.That(ReadingCompletion.Complete(readings, config, Scripts.Request)[0].Metadata.ContainsKey("warnings"), Is.False);
        });
    }

    [Test]
    public void On_thousands_of_readings_they_are_cut_short()
    {
        var readings = Enumerable.Range(0, 10_000).Select(i => new Reading("A", i)).ToArray();

        var completed = ReadingCompletion.Complete(readings, Scripts.Config, Scripts.Request, [new string('x', 200)]);

        Assert.That(completed[^1].Metadata["warnings"].ToString(), Is.EqualTo(new string('x', 26) + "…"));
    }
}
