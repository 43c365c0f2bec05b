using Gateway.Scripting;

namespace Gateway.Tests.Scripting;

/// <summary>What a script says of its commands is checked when it is loaded, and holds commands to it.</summary>
internal sealed class CommandCatalogTests
{
    [Test]
    public void A_catalogue_is_taken_over_when_the_script_is_loaded()
    {
        var script = With(""""
            class Shelf : List<CommandDescription> { }
            int calls;
            IEnumerable<CommandDescription> commands() => new Shelf
            {
                new("set") { Description = "Sets it.", Schema = """{"type": "object", "properties": {"level": {"type": "integer", "maximum": 9}}}""", Example = """{"level": 3}""" },
                new($"call_{++calls}"),
            };
            """");

        Assert.Multiple(() =>
        {
            Assert.That(script.Commands.Commands.Select(command => command.Type), Is.EqualTo(["set", "call_1"]));
            Assert.That(script.Commands.Commands[0].Description, Is.EqualTo("Sets it."));
            Assert.That(script.Commands.Commands[0].Schema!.Value.GetProperty("type").GetString(), Is.EqualTo("object"));
            Assert.That(script.Commands.Commands[0].Example!.Value.GetRawText(), Is.EqualTo("""{"level": 3}"""));
            Assert.That((script.Commands.Commands[1].Schema, script.Commands.Commands[1].Example), Is.EqualTo(((object?)null, (object?)null)));
        });
    }

    [Test]
    public void A_payload_that_does_not_fit_is_refused_with_all_that_is_wrong()
    {
        var script = With(""""
            IEnumerable<CommandDescription> commands() =>
            [
                new("set")
                {
                    Schema = """
                        {
                          "$schema": "https://json-schema.org/draft/2020-12/schema",
                          "type": "object", "required": ["level"], "additionalProperties": false,
                          "properties": {"level": {"type": "integer"}, "mode": {"enum": ["fast", "slow"]}}
                        }
                        """,
                },
                new("any"),
            ];
            """");

        Assert.Multiple(() =>
        {
            Assert.That(script.Commands.Refusal(Scripts.Command("set", """{"mode": "odd", "colour": 1}""")), Is.EqualTo(new ScriptFailure(
                ScriptFailureKind.InvalidCommand, "/payload/level is missing; /payload/colour is not known; there are level, mode; /payload/mode must be one of \"fast\", \"slow\"")));
            Assert.That(script.Commands.Refusal(Scripts.Command("set", """{"level": 1}""")), Is.Null);
            Assert.That(script.Commands.Refusal(Scripts.Command("any", """{"level": "x"}""")), Is.Null, "without a schema the script decides");
            Assert.That(script.Commands.Refusal(Scripts.Command("unlisted")), Is.Null, "of what is not listed the script decides");
        });
    }

    [TestCase("[new(\"a\"), new(\"b\"), new(\"a\")]", "GW0054: commands lists a twice")]
    [TestCase("[new(\"\")]", "GW0053: commands returned as number 1 one without a type of 1 to 128 characters")]
    [TestCase("[null!]", "GW0053: commands returned as number 1 one without a type of 1 to 128 characters")]
    [TestCase("null!", "GW0053: commands returned null; when there are none it must return an empty list")]
    [TestCase("throw new Exception(\"x\")", "GW0053: commands threw Exception: x (scripts/x.csx:4)")]
    [TestCase("Enumerable.Range(0, 300).Select(i => new CommandDescription($\"c{i}\"))", "GW0053: commands returned more than 256 commands")]
    [TestCase("[new(\"a\") { Schema = \"{\" }]", "GW0055: the schema of a is no JSON: ")]
    [TestCase("[new(\"a\") { Schema = \"[]\" }]", "GW0055: the schema of a can't be used: # must be a schema: an object, true or false")]
    [TestCase("[new(\"a\") { Schema = \"{\\\"patternProperties\\\": {}}\" }]", "GW0055: the schema of a can't be used: #/patternProperties is a keyword that is not known here")]
    [TestCase("[new(\"a\") { Schema = \"{\\\"type\\\": \\\"object\\\"}\", Example = \"1\" }]", "GW0056: the example of a does not fit the schema: /payload must be an object")]
    [TestCase("[new(\"a\") { Example = \"{]\" }]", "GW0056: the example of a is no JSON: ")]
    [TestCase("[new(\"a\") { Example = \"\\\"\\\\ud800\\\"\" }]", "GW0056: the example of a has a text that is no Unicode")]
    public void A_catalogue_that_cannot_be_used_is_refused_with_its_place(string list, string problem) =>
        Assert.That(
            Scripts.Problems($"{Scripts.NoReadings}{Scripts.NoCommands}\nIEnumerable<CommandDescription> commands() => {list};").Single(),
            Does.StartWith($"scripts/x.csx(4,33): error {problem}"));

    [Test]
    public void A_catalogue_without_end_is_stopped() => Assert.That(
        Scripts.Problems($"{Scripts.NoReadings}{Scripts.NoCommands}IEnumerable<CommandDescription> commands() {{ while (true) {{ }} }}").Single(),
        Does.Contain("GW0008").And.Contain("time limit"));

    private static CompiledScript With(string functions) => Scripts.Compile(Scripts.NoReadings + Scripts.NoCommands + functions);
}
