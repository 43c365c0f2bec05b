using Gateway.Scripting;

namespace Gateway.Tests.Scripting;

/// <summary>Which functions a script may have, and in which forms.</summary>
internal sealed class ScriptCompilerTests
{
    [TestCase("ReadOnlySpan<byte>", "")]
    [TestCase("ReadOnlyMemory<byte>", "")]
    [TestCase("byte[]", "")]
    [TestCase("ReadOnlySpan<byte>", ", UplinkRequest request")]
    [TestCase("ReadOnlyMemory<byte>", ", UplinkRequest request")]
    [TestCase("byte[]", ", UplinkRequest? request")]
    public void Every_form_of_payload_is_taken_by_all_functions(string payload, string request)
    {
        var script = Scripts.Compile($$"""
            List<Reading> parse({{payload}} payload, DeviceConfig config{{request}}) => [new("LENGTH", payload.ToArray().Length)];
            byte[]? format_command(Command command, DeviceConfig config{{request}}) => [1, 2];
            string? identify({{payload}} payload, UplinkRequest request) => Convert.ToHexString(payload.ToArray());
            UplinkResponse? respond({{payload}} payload, DeviceConfig config, UplinkRequest request) => new(payload.ToArray()) { Code = "2.05" };
            """);

        byte[] frame = [7, 8, 9];

        Assert.Multiple(() =>
        {
            Assert.That(script.Parse(frame, Scripts.Config, Scripts.Request).Value[0].Values[0].AsInt64(), Is.EqualTo(3));
            Assert.That(script.FormatCommand(Scripts.Command("any"), Scripts.Config, null).Value, Is.EqualTo(new byte[] { 1, 2 }));
            Assert.That(script.CanIdentify);
            Assert.That(script.Identify(frame, Scripts.Request).Value, Is.EqualTo("070809"));
            Assert.That(script.CanRespond);
            Assert.That(script.Respond(frame, Scripts.Config, Scripts.Request).Value?.Payload, Is.EqualTo(frame));
        });
    }

    [TestCase("Reading[] parse", "return [new(\"A\", 1), new(\"B\", 2)];")]
    [TestCase("List<Reading> parse", "return [new(\"A\", 1), new(\"B\", 2)];")]
    [TestCase("IReadOnlyList<Reading> parse", "return [new(\"A\", 1), new(\"B\", 2)];")]
    [TestCase("IEnumerable<Reading> parse", "return new[] { \"A\", \"B\" }.Select(index => new Reading(index, 1));")]
    [TestCase("IEnumerable<Reading> parse", "yield return new(\"A\", 1); yield return new(\"B\", 2);")]
    [TestCase("System.Collections.Immutable.ImmutableArray<Reading> parse", "return [new(\"A\", 1), new(\"B\", 2)];")]
    [TestCase("static Reading[] parse", "return [new(\"A\", 1), new(\"B\", 2)];")]
    [TestCase("public Reading[] parse", "return [new(\"A\", 1), new(\"B\", 2)];")]
    public void Readings_come_as_any_sequence(string declaration, string body)
    {
        var script = Scripts.Compile($"{declaration}(byte[] payload, DeviceConfig config) {{ {body} }}\n{Scripts.NoCommands}");

        Assert.That(script.Parse().Value.Select(reading => reading.Index), Is.EqualTo(["A", "B"]));
    }

    [Test]
    public void Optional_functions_may_be_left_out()
    {
        var script = Scripts.Compile(Scripts.NoReadings + Scripts.NoCommands);

        Assert.Multiple(() =>
        {
            Assert.That(script.CanIdentify, Is.False);
            Assert.That(script.CanRespond, Is.False);
            Assert.That(script.Identify(default, Scripts.Request).Value, Is.Null);
            Assert.That(script.Respond(default, Scripts.Config, Scripts.Request).Value, Is.Null);
        });
    }

    [Test]
    public void An_answer_may_be_given_as_bytes()
    {
        var script = Scripts.Compile(Scripts.NoReadings + Scripts.NoCommands + """
            byte[]? respond(ReadOnlySpan<byte> payload, DeviceConfig config, UplinkRequest request) => payload.IsEmpty ? null : [42];
            """);

        Assert.Multiple(() =>
        {
            Assert.That(script.Respond(new byte[1], Scripts.Config, Scripts.Request).Value?.Payload, Is.EqualTo(new byte[] { 42 }));
            Assert.That(script.Respond(default, Scripts.Config, Scripts.Request).Value, Is.Null);
        });
    }

    [Test]
    public void A_script_has_the_library_protobuf_and_its_own_types_and_state()
    {
        var script = Scripts.Compile("""
            using System.Text.RegularExpressions;
            using Google.Protobuf.WellKnownTypes;

            record Sample(int Number, string? Note = null);
            enum Kind { Plain, Fancy }
            static class Table { public static readonly int[] Values = Enumerable.Range(0, 4).ToArray(); }
            int calls = Table.Values.Sum();

            IEnumerable<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config)
            {
                var time = Timestamp.Parser.ParseFrom(payload);
                var sample = new Sample(++calls);
                var text = JsonNode.Parse("{\"a\":[1,2]}")!["a"]![1]!.ToString() + Regex.Replace("x1y", "[a-z]", "") + Kind.Fancy;
                return [new("CALLS", sample.Number, time.Seconds, text)];
            }
            byte[]? format_command(Command command, DeviceConfig config) =>
                new Timestamp { Seconds = command.GetInteger("seconds", 0, 100) ?? throw new CommandException("seconds is missing") }.ToByteArray();
            """);

        var bytes = script.FormatCommand(Scripts.Command("set", """{"seconds":5}"""), Scripts.Config, Scripts.Request).Value!;

        Assert.That(script.Parse(bytes).Value[0].Values.Select(value => value.ToString()), Is.EqualTo(["7", "5", "21Fancy"]));
    }

    [Test]
    public void The_version_is_the_hash_of_the_source()
    {
        var script = Scripts.Compile(Scripts.NoReadings + Scripts.NoCommands);

        Assert.Multiple(() =>
        {
            Assert.That(script.Version, Does.Match("^[0-9a-f]{12}$"));
            Assert.That(script.Version, Is.EqualTo(ScriptVersion.Of(Scripts.NoReadings + Scripts.NoCommands)));
            Assert.That(ScriptVersion.Of("abc"), Is.EqualTo("ba7816bf8f01"));
            Assert.That(script.Name, Is.EqualTo(Scripts.Name));
        });
    }
}
