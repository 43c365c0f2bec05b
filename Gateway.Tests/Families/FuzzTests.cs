using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Gateway.Scripting;
using Gateway.Scripting.Contract;
using Gateway.Tests.Coap.Fuzz;

namespace Gateway.Tests.Families;

/// <summary>
/// Whatever comes, a shipped script reads it or refuses it: it is never stopped, never falls over, and no value that its page rules out
/// passes as a good one. <c>FUZZ_CASES</c> and <c>FUZZ_SEED</c> make a run longer, or repeat one.
/// </summary>
internal sealed class FuzzTests
{
    private const int UsualCases = 2_000;
    private const string Flag = "out_of_range";

    // Of these anything may be an index: what a program, a pack or an object calls it; or a newer sensor's number.
    private static readonly string[] WithIndexesOfTheirOwn = ["efento", "json", "lwm2m", "nrf-cloud", "senml"];

    private static readonly int?[] Formats = [null, 0, 42, 50, 60, 110, 112];

    private static IEnumerable<TestCaseData> Runs() => from name in Family.Names from seed in FuzzPlan.Seeds select new TestCaseData(name, seed).SetArgDisplayNames(name, Text(seed));

    [TestCaseSource(nameof(Runs))]
    public void A_damaged_payload_is_read_or_refused(string name, int seed)
    {
        var family = Family.Of(name);
        var ranges = new DocumentedRanges(family.Page);
        UplinkVector[] vectors = [.. family.VectorList.OfType<UplinkVector>()];
        CommandVector[] sent = [.. family.VectorList.OfType<CommandVector>().Where(command => command.Bytes is not null)];
        var random = new Random(seed);
        var mutator = new PayloadMutator([.. vectors.Select(vector => vector.Payload)], random);
        for (var number = 0; number < FuzzPlan.Cases(UsualCases); number++)
        {
            var vector = vectors[random.Next(vectors.Length)];
            var payload = mutator.Next(vector.Payload);
            var request = random.Next(4) == 0 ? vector.Request! with { ContentFormat = Formats[random.Next(Formats.Length)] } : vector.Request!;

            var problem = ProblemWith(family, ranges, payload, vector.Config, request) ?? ProblemWithEvidence(family, sent, random, payload, request);

            Assert.That(problem, Is.Null, $"FUZZ_SEED={seed}, case {number}, made from \"{vector.Name}\": {Convert.ToHexStringLower(payload)}");
        }
    }

    [TestCaseSource(nameof(Runs))]
    public void A_damaged_command_is_encoded_or_refused(string name, int seed)
    {
        var script = Family.Of(name).Script.Compiled;
        CommandVector[] vectors = [.. Family.Of(name).VectorList.OfType<CommandVector>()];
        var random = new Random(seed);
        var mutator = new PayloadMutator([.. vectors.Select(vector => Encoding.UTF8.GetBytes(vector.Command.Payload.GetRawText()))], random);
        for (var number = 0; number < FuzzPlan.Cases(UsualCases); number++)
        {
            var vector = vectors[random.Next(vectors.Length)];
            var json = mutator.Next(Encoding.UTF8.GetBytes(vector.Command.Payload.GetRawText()));
            if (Parsed(json) is not { ValueKind: JsonValueKind.Object } payload)
            {
                continue;
            }

            var command = vector.Command with { Payload = payload };
            var outcome = script.FormatCommand(command, vector.Config, vector.Request);

            Assert.That(
                outcome.Failure?.Kind, Is.Null.Or.EqualTo(ScriptFailureKind.InvalidCommand),
                $"FUZZ_SEED={seed}, case {number}, made from \"{vector.Name}\": {Encoding.UTF8.GetString(json)}: {outcome.Failure?.Message}");
        }
    }

    private static string? ProblemWith(Family family, DocumentedRanges ranges, byte[] payload, DeviceConfig config, UplinkRequest request)
    {
        var script = family.Script.Compiled;
        ScriptFailure?[] failures = [script.Identify(payload, request).Failure, script.Respond(payload, config, request).Failure, script.ExchangeFailed(payload, config, request).Failure];
        if (failures.FirstOrDefault(failure => failure is { Kind: not ScriptFailureKind.InvalidPayload }) is { } fault)
        {
            return fault.Message;
        }

        var parsed = script.Parse(payload, config, request);
        if (parsed.Failure is { } failed)
        {
            return failed.Kind is ScriptFailureKind.InvalidPayload && failed.Message.Length > 0 ? null : failed.Message;
        }

        foreach (var reading in ReadingCompletion.Complete(parsed.Value, config, request))
        {
            if (ProblemWith(family, ranges, reading) is { } problem)
            {
                return $"{Json(reading)}: {problem}";
            }
        }

        return null;
    }

    // What a damaged message says of a command that was sent before it.
    private static string? ProblemWithEvidence(Family family, CommandVector[] sent, Random random, byte[] payload, UplinkRequest request)
    {
        if (sent.Length == 0)
        {
            return null;
        }

        var vector = sent[random.Next(sent.Length)];
        var command = vector.Command with { LastSent = new CommandSending { At = request.ReceivedAt, Attempt = 1, Path = request.Path, Payload = payload } };
        return family.Script.Compiled.Confirm(command, payload, vector.Config, request).Failure is { Kind: not ScriptFailureKind.InvalidPayload } fault ? fault.Message : null;
    }

    private static string? ProblemWith(Family family, DocumentedRanges ranges, Reading reading)
    {
        var isNumber = reading.Values.Any(value => value.Kind is ReadingValueKind.Whole or ReadingValueKind.Real);
        var isFlagged = reading.Metadata.ContainsKey(Flag);
        return isNumber && !ranges.Knows(reading) && !WithIndexesOfTheirOwn.Contains(family.Name) ? "its index is not in the page's tables"
            : ranges.RulesOut(reading) && !isFlagged ? "it passes as valid, and the page rules it out"
            : isFlagged && ranges.Knows(reading) && !ranges.RulesOut(reading) ? "it is flagged, and the page does not rule it out"
            : null;
    }

    private static string Json(Reading reading)
    {
        var line = new ArrayBufferWriter<byte>();
        ReadingJson.Write(line, reading);
        return Encoding.UTF8.GetString(line.WrittenSpan);
    }

    // What is no UTF-8, or no object, never becomes a command.
    private static JsonElement? Parsed(byte[] json)
    {
        try
        {
            return Utf8.IsValid(json) ? JsonElement.Parse(json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Text(int seed) => seed.ToString(CultureInfo.InvariantCulture);
}
