using Gateway.Scripting;

namespace Gateway.Tests.Scripting;

/// <summary>What passes a vector, and how a difference reads.</summary>
internal sealed class VectorRunnerTests
{
    private const string ReadingOf235 =
        """{"device_id":"d235","index":"T","values":[23.5],"unit":"Cel","timestamp":"2025-01-01T00:00:00Z","label":["l"],"metadata":{"path":"/m","n":1},"request_id":"vector"}""";

    // A byte is a temperature; 255 is refused, 254 a bug, and 9 gives nothing.
    private static readonly CompiledScript Script = Scripts.Compile("""
        IEnumerable<Reading> parse(byte[] payload, DeviceConfig config, UplinkRequest request) => payload[0] switch
        {
            255 => throw new InvalidPayloadException("255 is\nno temperature"),
            254 => throw new InvalidOperationException("a bug"),
            9 => [],
            var byte_ => [new Reading("T", byte_ / 10.0) { Unit = "Cel", Label = ["l"], Metadata = new Dictionary<string, ReadingValue> { ["path"] = request.Path, ["n"] = 1 } }],
        };
        string? identify(byte[] payload, UplinkRequest request) => payload[0] switch { 0 => throw new InvalidPayloadException("nobody is 0"), 1 => null, _ => $"d{payload[0]}" };
        UplinkResponse? respond(byte[] payload, DeviceConfig config, UplinkRequest request) => payload[0] == 2 ? new([0xAB]) { Code = "2.05" } : null;
        byte[]? format_command(Command command, DeviceConfig config, UplinkRequest? request) => command.CommandType switch
        {
            "year" => [(byte)((request?.ReceivedAt.Year ?? 2000) - 2000)],
            "no" => throw new CommandException("payload.x is missing"),
            _ => null,
        };
        """);

    [TestCase("""{"payload": "eb", "expect": [{}]}""")]
    [TestCase("""{"payload": "eb", "expect": [{"device_id": "d235", "index": "T", "values": [23.50], "unit": "Cel", "timestamp": "2025-01-01T01:00:00.0+01:00", "label": ["l"]}]}""")]
    [TestCase("""{"payload": "14", "expect": [{"values": [2]}]}""")]
    [TestCase("""{"payload": "14", "config": {"device_id": "other", "labels": ["x"]}, "expect": [{"device_id": "other", "label": ["x", "l"]}]}""")]
    [TestCase("""{"payload": "14", "request": {"path": "/p"}, "expect": [{"metadata": {"path": "/p", "missing": null}}]}""")]
    [TestCase("""{"payload": "09", "expect": []}""")]
    [TestCase("""{"payload": "01", "expect": [{"device_id": "device"}], "expect_device_id": null}""")]
    [TestCase("""{"payload": "02", "expect_device_id": "d2", "expect_response": {"payload": "A B", "code": "2.05", "content_format": null}}""")]
    [TestCase("""{"payload": "00", "expect_response": null}""")]
    [TestCase("""{"payload": "00", "expect_error": "nobody"}""")]
    [TestCase("""{"payload_text": "a", "expect": [{"values": [9.7]}]}""")]
    [TestCase("""{"command": {"command_type": "year"}, "request": {"received_at": "2026-01-01"}, "expect_payload": "1a"}""")]
    [TestCase("""{"command": {"command_type": "year"}, "expect_payload_text": "\u0000"}""")]
    [TestCase("""{"command": {"command_type": "no"}, "expect_error": "payload.x"}""")]
    [TestCase("""{"command": {"command_type": "?"}, "expect_payload": null}""")]
    public void It_passes(string vector) => Assert.That(Differences(vector), Is.Empty);

    [TestCase("""{"payload": "eb", "expect": []}""", "parse: expected 0 readings, got 1 reading", "reading 1: expected no reading, got " + ReadingOf235)]
    [TestCase("""{"payload": "eb", "expect": [{"values": [23.5]}, {"index": "U"}]}""", "parse: expected 2 readings, got 1 reading", "reading 2: expected {\"index\":\"U\"}, got no reading")]
    [TestCase("""{"payload": "eb", "expect": [{"values": [23.4], "unit": null}]}""", "reading 1: values: expected [23.4], got [23.5]", "reading 1: unit: expected null, got \"Cel\"")]
    [TestCase("""{"payload": "eb", "expect": [{"timestamp": "2025-01-01T00:00:01"}]}""", "reading 1: timestamp: expected \"2025-01-01T00:00:01\", got \"2025-01-01T00:00:00Z\"")]
    [TestCase("""{"payload": "eb", "expect": [{"metadata": {"n": null, "missing": 2}}]}""", "reading 1: metadata.n: expected null, got 1", "reading 1: metadata.missing: expected 2, got null")]
    [TestCase("""{"payload": "ff", "expect": [{}]}""", "parse: expected 1 reading, got a refusal: \"255 is\\nno temperature\"")]
    [TestCase("""{"payload": "ff", "expect_error": "254"}""", "parse: expected a refusal with \"254\", got a refusal: \"255 is\\nno temperature\"")]
    [TestCase("""{"payload": "fe", "expect_error": "bug"}""", "parse: expected a refusal with \"bug\", got a fault of the script: \"InvalidOperationException: a bug (scripts/x.csx:4)\"")]
    [TestCase("""{"payload": "eb", "expect_error": ""}""", "parse: expected a refusal with \"\", got 1 reading")]
    [TestCase("""{"payload": "00", "expect_device_id": "d0"}""", "identify: expected \"d0\", got a refusal: \"nobody is 0\"")]
    [TestCase("""{"payload": "03", "expect_response": {"code": "2.05"}}""", "respond: expected {\"code\":\"2.05\"}, got null")]
    [TestCase("""{"payload": "02", "expect_response": {"payload": "ac", "content_format": 42}}""", "respond: payload: expected \"ac\", got \"ab\"", "respond: content_format: expected 42, got null")]
    [TestCase("""{"command": {"command_type": "year"}, "expect_payload": "01"}""", "format_command: expected \"01\", got \"00\"")]
    [TestCase("""{"command": {"command_type": "no"}, "expect_payload": "01"}""", "format_command: expected \"01\", got a refusal: \"payload.x is missing\"")]
    [TestCase("""{"command": {"command_type": "year"}, "expect_error": "x"}""", "format_command: expected a refusal with \"x\", got \"00\"")]
    [TestCase("""{"command": {"command_type": "?"}, "expect_payload": "01"}""", "format_command: expected \"01\", got null, for a command that the script does not know")]
    public void It_tells_the_difference(string vector, params string[] differences) => Assert.That(Differences(vector), Is.EqualTo(differences));

    [Test]
    public void A_script_that_can_not_identify_fails_a_vector_that_asks_for_it()
    {
        var script = Scripts.Compile(Scripts.NoReadings + Scripts.NoCommands);

        Assert.That(Differences("""{"payload": "", "expect_device_id": null}""", script), Is.EqualTo(["identify: expected null, got a script without identify"]));
    }

    [Test]
    public void Of_many_differences_the_problem_shows_the_first()
    {
        var vector = Vector("""{"payload": "eb", "expect": [{"index": "A", "values": [], "unit": "B", "label": [], "device_id": "C"}]}""");

        Assert.That(
            VectorRunner.Run(Script, vector).ToProblem("f").ToString(),
            Does.StartWith("f(1,2): error GW0021: the script fails the vector \"v\": reading 1: index: expected \"A\", got \"T\"; ").And.EndsWith("; and 2 more"));
    }

    private static string[] Differences(string vector, CompiledScript? script = null) =>
        [.. VectorRunner.Run(script ?? Script, Vector(vector)).Differences.Select(difference => difference.ToString())];

    private static Vector Vector(string json)
    {
        var file = VectorFile.Read($$"""[{"name": "v", {{json[1..]}}]""", "x.vectors.json");
        Assert.That(file.Problems, Is.Empty);
        return file.Vectors.Single();
    }
}
