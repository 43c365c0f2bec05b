using Gateway.Scripting;
using Gateway.Scripting.Contract;

namespace Gateway.Tests.Scripting;

/// <summary>Whatever a script does, its caller gets a result or a reason.</summary>
internal sealed class CompiledScriptTests
{
    [Test]
    public void A_payload_that_the_script_refuses_is_invalid_in_the_scripts_words()
    {
        Assert.That(Parsing("throw new InvalidPayloadException(\"it is too short\");").Failure, Is.EqualTo(new ScriptFailure(ScriptFailureKind.InvalidPayload, "it is too short")));
    }

    [Test]
    public void A_broken_protobuf_message_is_an_invalid_payload()
    {
        var outcome = Parsing("Google.Protobuf.WellKnownTypes.Timestamp.Parser.ParseFrom(payload); return [];", 0x08);

        Assert.That(outcome.Failure?.Kind, Is.EqualTo(ScriptFailureKind.InvalidPayload));
    }

    [Test]
    public void A_command_that_the_script_refuses_is_invalid_in_the_scripts_words()
    {
        var script = Scripts.Compile(Scripts.NoReadings + """
            byte[]? format_command(Command command, DeviceConfig config) => [(byte)command.GetInteger("level", 0, 9)!.Value];
            """);

        var outcome = script.FormatCommand(Scripts.Command("set", """{"level":10}"""), Scripts.Config, null);

        Assert.That(outcome.Failure, Is.EqualTo(new ScriptFailure(ScriptFailureKind.InvalidCommand, "payload.level must be a whole number from 0 to 9, not 10")));
    }

    [TestCase(0, 4, "DivideByZeroException: Attempted to divide by zero.")]
    [TestCase(1, 5, "FormatException: The input string 'x' was not in a correct format.")]
    [TestCase(2, 6, "ArgumentOutOfRangeException: Specified argument was out of the range of valid values. (Parameter 'length')")]
    [TestCase(3, 11, "Exception: in a loop")]
    [TestCase(4, 14, "FormatException: The input string 'x' was not in a correct format.", Description = "the line on which the statement begins")]
    [TestCase(5, 1, "DivideByZeroException: Attempted to divide by zero.")]
    [TestCase(6, 18, "IndexOutOfRangeException: Index was outside the bounds of the array.")]
    [TestCase(7, 19, "KeyNotFoundException: The given key '7' was not present in the dictionary.")]
    public void Any_other_exception_is_a_fault_with_the_line_of_the_scripts_statement(int fault, int line, string message)
    {
        var script = Scripts.Compile("""
            int Divide(int a, int b) => a / b;
            IEnumerable<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config)
            {
                var a = 1 / (payload[0] - 0);
                var b = int.Parse(payload[0] == 1 ? "x" : "1");
                var c = BinaryPrimitives.ReadInt16BigEndian(payload.Slice(1, payload[0] == 2 ? 1 : 2));
                var list = new List<Reading>();
                for (var i = 0; i < 6; i++)
                {
                    if (payload[0] == 3)
                        throw new Exception("in a loop");
                    list.Add(new("A", a, b, c));
                }
                list.Add(new(
                    "A",
                    int.Parse(payload[0] == 4 ? "x" : "1")));
                var d = Divide(1, payload[0] - 5);
                var e = payload[payload[0] == 6 ? 9 : 1];
                var f = new Dictionary<int, int> { [8] = 1 }[payload[0]];
                return list;
            }
            """ + Scripts.NoCommands);

        Assert.That(script.Parse((byte)fault, 0, 0).Failure, Is.EqualTo(new ScriptFailure(ScriptFailureKind.Fault, $"{message} (scripts/x.csx:{line})")));
    }

    [Test]
    public void A_static_field_that_fails_is_told_by_its_cause()
    {
        var script = Scripts.Compile("static class Table {\n public static readonly int A = int.Parse(\"x\"); static Table() { } }\n"
            + "Reading[] parse(byte[] payload, DeviceConfig config) => [new(\"A\", Table.A)];\n" + Scripts.NoCommands);

        Assert.That(script.Parse().Failure?.Message, Is.EqualTo("FormatException: The input string 'x' was not in a correct format. (scripts/x.csx:2)"));
    }

    [Test]
    public void An_exception_while_readings_are_made_one_by_one_is_a_fault()
    {
        Assert.That(Parsing("yield return new(\"A\", 1);\nthrow new InvalidOperationException(\"no more\");").Failure, Is.EqualTo(
            new ScriptFailure(ScriptFailureKind.Fault, "InvalidOperationException: no more (scripts/x.csx:3)")));
    }

    [Test]
    public void An_exception_class_of_the_script_that_fails_itself_is_still_a_fault()
    {
        var outcome = Scripts.Compile("class Own : Exception { public override string Message => throw new Own(); }\n"
            + "Reading[] parse(byte[] payload, DeviceConfig config) => throw new Own();\n" + Scripts.NoCommands).Parse();

        Assert.That(outcome.Failure?.Message, Is.EqualTo("Own, whose message can't be read (scripts/x.csx:2)"));
    }

    [TestCase("return null!;", "parse returned null; when there is nothing to report it must return an empty list (scripts/x.csx)")]
    [TestCase("return [new(\"A\", 1), null!];", "parse returned null as reading 2 (scripts/x.csx)")]
    [TestCase("return [new(\"A\", 1) { Label = null! }];", "the reading A has null as values, metadata, label or one of its labels (scripts/x.csx)")]
    [TestCase("return [new(\"A\", 1) { Label = [\"a\", null!] }];", "the reading A has null as values, metadata, label or one of its labels (scripts/x.csx)")]
    [TestCase("return [new(\"A\", (ReadingValue[])null!)];", "the reading A has null as values, metadata, label or one of its labels (scripts/x.csx)")]
    [TestCase("return [new(\"\", 1)];", "ArgumentException: a reading needs an index: what was measured (Parameter 'index') (scripts/x.csx:2)")]
    [TestCase("return [new(\"A\", double.NaN)];", "ArgumentException: a reading's value must be a finite number, not NaN (Parameter 'value') (scripts/x.csx:2)")]
    public void A_result_that_is_none_is_a_fault(string body, string message)
    {
        Assert.That(Parsing(body).Failure, Is.EqualTo(new ScriptFailure(ScriptFailureKind.Fault, message)));
    }

    [Test]
    public void Optional_functions_fail_in_the_same_way()
    {
        var script = Scripts.Compile(Scripts.NoReadings + Scripts.NoCommands + """
            string? identify(byte[] payload, UplinkRequest request) => payload.Length > 0 ? "" : throw new InvalidPayloadException("empty");
            UplinkResponse? respond(byte[] payload, DeviceConfig config, UplinkRequest request) => new(payload.Length > 0 ? null! : throw new Exception("e"));
            """);

        Assert.Multiple(() =>
        {
            Assert.That(script.Identify(default, Scripts.Request).Failure, Is.EqualTo(new ScriptFailure(ScriptFailureKind.InvalidPayload, "empty")));
            Assert.That(script.Identify(new byte[1], Scripts.Request).Value, Is.Null, "an empty id is none");
            Assert.That(script.Respond(default, Scripts.Config, Scripts.Request).Failure?.Message, Is.EqualTo("Exception: e (scripts/x.csx:4)"));
            Assert.That(script.Respond(new byte[1], Scripts.Config, Scripts.Request).Failure?.Message, Is.EqualTo("respond returned an answer whose payload is null (scripts/x.csx)"));
        });
    }

    [Test]
    public void The_scripts_array_is_a_copy_of_the_frame()
    {
        byte[] frame = [1, 2, 3];

        Scripts.Compile("Reading[] parse(byte[] payload, DeviceConfig config) { payload[0] = 9; return []; }\n" + Scripts.NoCommands)
            .Parse(frame, Scripts.Config, Scripts.Request);

        Assert.That(frame, Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public void Readings_hold_no_types_of_the_script()
    {
        var script = Scripts.Compile("""
            class Ignoring : IEqualityComparer<string> { public bool Equals(string? a, string? b) => a == b; public int GetHashCode(string a) => 0; }
            class Bag : Dictionary<string, ReadingValue> { }
            class Shelf : List<string> { }
            Reading[] parse(byte[] payload, DeviceConfig config) =>
            [
                new("A", 1) { Values = [1, 2, 3], Label = ["a", "b"], Metadata = new Dictionary<string, ReadingValue>(new Ignoring()) { ["k"] = 1 } },
                new("B") { Label = new Shelf { "c" }, Metadata = new Bag { ["l"] = "x" } },
            ];
            """ + Scripts.NoCommands);

        var readings = script.Parse().Value;

        Assert.Multiple(() =>
        {
            foreach (var reading in readings)
            {
                Assert.That(reading.Values.GetType().IsCollectible, Is.False);
                Assert.That(reading.Label.GetType().IsCollectible, Is.False);
                Assert.That(((Dictionary<string, ReadingValue>)reading.Metadata).Comparer.GetType().IsCollectible, Is.False);
            }

            Assert.That(readings[0].Values, Is.EqualTo(new ReadingValue[] { 1, 2, 3 }));
            Assert.That(readings[0].Label, Is.EqualTo(["a", "b"]));
            Assert.That(readings[1].Label, Is.EqualTo(["c"]));
            Assert.That(readings[1].Metadata["l"], Is.EqualTo((ReadingValue)"x"));
        });
    }

    [Test]
    public void Every_number_makes_a_value()
    {
        var outcome = Parsing("""
            byte a = 1; sbyte b = -2; short c = -3; ushort d = 4; int e = -5; uint f = uint.MaxValue; long g = long.MinValue; float h = 0.5f; double i = 23.3;
            return [new("A", a, b, c, d, e, f, g, h, i, payload[0], true, "x", 'A')];
            """, 7);

        Assert.That(outcome.Value[0].Values.Select(value => $"{value.Kind} {value}"), Is.EqualTo(
        [
            "Whole 1", "Whole -2", "Whole -3", "Whole 4", "Whole -5", "Whole 4294967295", "Whole -9223372036854775808", "Real 0.5", "Real 23.3",
            "Whole 7", "Boolean true", "Text x", "Whole 65",
        ]));
    }

    private static ScriptOutcome<IReadOnlyList<Reading>> Parsing(string body, params byte[] payload) => Scripts.Compile(
        $"IEnumerable<Reading> parse(byte[] payload, DeviceConfig config) {{\n{body} }}\n{Scripts.NoCommands}").Parse(payload);
}
