using Gateway.Scripting;

namespace Gateway.Tests.Scripting;

/// <summary>What a script gives is bounded in number and in length.</summary>
internal sealed class OutputLimitTests
{
    private static readonly ScriptLimits Limits = ScriptLimits.Of(new ScriptSettings { MaxReadings = 10, MaxOutputBytes = 10_000 });

    [TestCase("for (var i = 0; i < 10; i++) yield return new(\"A\", i);", null)]
    [TestCase("for (var i = 0; i < 11; i++) yield return new(\"A\", i);", "parse returned more than the 10 readings that scripts.max_readings allows (scripts/x.csx)")]
    [TestCase("while (true) yield return new(\"A\", 1);", "parse returned more than the 10 readings that scripts.max_readings allows (scripts/x.csx)")]
    [TestCase("yield return new(\"A\", new string('x', 9_000));", null)]
    [TestCase("yield return new(\"A\", new string('x', 10_000));", "parse returned more than the 10000 bytes of readings that scripts.max_output_bytes allows (scripts/x.csx)")]
    [TestCase("yield return new(\"A\", new string('o', 10_000));", "parse returned more than the 10000 bytes of readings that scripts.max_output_bytes allows (scripts/x.csx)")]
    [TestCase("yield return new(new string('x', 10_000));", "parse returned more than the 10000 bytes of readings that scripts.max_output_bytes allows (scripts/x.csx)")]
    [TestCase("yield return new(\"A\") { Values = new ReadingValue[2000] };", "parse returned more than the 10000 bytes of readings that scripts.max_output_bytes allows (scripts/x.csx)")]
    [TestCase("yield return new(\"A\") { Label = [new string('x', 10_000)] };", "parse returned more than the 10000 bytes of readings that scripts.max_output_bytes allows (scripts/x.csx)")]
    [TestCase("yield return new(\"A\") { Metadata = new Dictionary<string, ReadingValue> { [new string('x', 10_000)] = 1 } };", "parse returned more than the 10000 bytes of readings that scripts.max_output_bytes allows (scripts/x.csx)")]
    public void Readings_are_bounded(string body, string? problem)
    {
        var script = Compile($"IEnumerable<Reading> parse(byte[] payload, DeviceConfig config) {{ {body} }}\n{Scripts.NoCommands}");

        Assert.That(script.Parse().Failure, Is.EqualTo(problem is null ? null : new ScriptFailure(ScriptFailureKind.LimitExceeded, problem)));
    }

    [Test]
    public void Commands_and_answers_are_bounded()
    {
        var script = Compile(Scripts.NoReadings + """
            byte[]? format_command(Command command, DeviceConfig config) => new byte[command.CommandType == "long" ? 10_001 : 10_000];
            CommandBatch? format_commands(IReadOnlyList<Command> commands, DeviceConfig config) => new(new byte[10_001], "c1");
            UplinkResponse? respond(byte[] payload, DeviceConfig config, UplinkRequest request) => new(new byte[10_001]);
            """);

        Assert.Multiple(() =>
        {
            Assert.That(script.FormatCommand(Scripts.Command("short"), Scripts.Config, null).Value, Has.Length.EqualTo(10_000));
            Assert.That(script.FormatCommand(Scripts.Command("long"), Scripts.Config, null).Failure, Is.EqualTo(TooLong("format_command")));
            Assert.That(script.FormatCommands([Scripts.Command("a")], Scripts.Config, null).Failure, Is.EqualTo(TooLong("format_commands")));
            Assert.That(script.Respond(default, Scripts.Config, Scripts.Request).Failure, Is.EqualTo(TooLong("respond")));
        });

        static ScriptFailure TooLong(string function) => new(
            ScriptFailureKind.LimitExceeded, $"{function} returned 10001 bytes, of the 10000 that scripts.max_output_bytes allows (scripts/x.csx)");
    }

    [Test]
    public void Nothing_that_a_sensor_sends_comes_near_the_usual_limits()
    {
        // A hundred times the samples of a sensor's usual message.
        var script = Scripts.Compile("Reading[] parse(byte[] payload, DeviceConfig config) => [.. Enumerable.Range(0, 5_000).Select(i => new Reading(\"TEMPERATURE\", i) { Unit = \"Cel\" })];\n" + Scripts.NoCommands);

        Assert.That(script.Parse().Value, Has.Count.EqualTo(5_000));
    }

    private static CompiledScript Compile(string source) => ScriptCompiler.Compile(new ScriptSource(Scripts.Name, source), Limits).Script!;
}
