using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>Gives a script its vectors, in the order in which the gateway calls its functions for a frame.</summary>
internal static class VectorRunner
{
    // Whose frame it is when neither the vector nor the script says so.
    private const string Somebody = "device";

    // Of the readings that are too many or too few, so many are shown.
    private const int Surplus = 5;

    /// <summary>Runs a vector.</summary>
    public static VectorResult Run(CompiledScript script, Vector vector)
    {
        var config = vector.Config with { ParserScriptRef = Path.GetFileName(script.Name) };
        return new(vector, vector switch
        {
            UplinkVector uplink => [.. Uplink(script, uplink, config)],
            CommandVector command => [.. Downlink(script, command, config)],
            _ => throw new ArgumentException($"{vector.GetType().Name} is no kind of vector", nameof(vector)),
        });
    }

    private static IEnumerable<VectorDifference> Uplink(CompiledScript script, UplinkVector vector, DeviceConfig config)
    {
        var request = vector.Request!;
        var identified = script.Identify(vector.Payload, request);
        if (vector.DeviceId is { } expectedId && Identity(script, identified, expectedId) is { } otherDevice)
        {
            yield return otherDevice;
        }

        if (!vector.NamesDevice)
        {
            config = config with { DeviceId = identified.Succeeded ? identified.Value ?? Somebody : Somebody };
        }

        if (vector.Readings is not null || vector.Error is not null)
        {
            // A frame whose sender can't be told is refused before it is parsed.
            var parsed = !vector.NamesDevice && identified.Failure is { } unidentified ? unidentified : script.Parse(vector.Payload, config, request);
            foreach (var difference in Parsed(parsed, vector, config, request))
            {
                yield return difference;
            }
        }

        if (vector.Response is { } expected)
        {
            foreach (var difference in Response(script.Respond(vector.Payload, config, request), expected))
            {
                yield return difference;
            }
        }
    }

    private static VectorDifference? Identity(CompiledScript script, ScriptOutcome<string?> identified, JsonElement expected)
    {
        var actual = !script.CanIdentify ? "a script without identify"
            : identified.Failure is { } failure ? VectorText.Of(failure)
            : VectorText.Of(identified.Value);
        return actual == VectorText.Of(expected.GetString()) ? null : new("identify", VectorText.Of(expected.GetString()), actual);
    }

    private static IEnumerable<VectorDifference> Parsed(
        ScriptOutcome<IReadOnlyList<Reading>> parsed, UplinkVector vector, DeviceConfig config, UplinkRequest request)
    {
        if (vector.Error is { } part)
        {
            var came = parsed.Succeeded ? Count(parsed.Value.Count) : null;
            return Refusal("parse", part, parsed.Failure, ScriptFailureKind.InvalidPayload, came);
        }

        var expected = vector.Readings!;
        return parsed.Failure is { } failure
            ? [new("parse", Count(expected.Count), VectorText.Of(failure))]
            : Readings(expected, [.. ReadingCompletion.Complete(parsed.Value, config, request).Select(Json)]);
    }

    private static IEnumerable<VectorDifference> Readings(IReadOnlyList<JsonElement> expected, JsonElement[] actual)
    {
        if (expected.Count != actual.Length)
        {
            yield return new("parse", Count(expected.Count), Count(actual.Length));
        }

        foreach (var (i, missing) in expected.Index().Skip(actual.Length).Take(Surplus))
        {
            yield return new(Place(i), VectorText.Of(missing), "no reading");
        }

        foreach (var (i, surplus) in actual.Index().Skip(expected.Count).Take(Surplus))
        {
            yield return new(Place(i), "no reading", VectorText.Of(surplus));
        }

        for (var i = 0; i < expected.Count && i < actual.Length; i++)
        {
            foreach (var difference in VectorComparison.OfReading(i + 1, expected[i], actual[i]))
            {
                yield return difference;
            }
        }
    }

    private static IEnumerable<VectorDifference> Response(ScriptOutcome<UplinkResponse?> outcome, JsonElement expected)
    {
        if (outcome.Failure is { } failure)
        {
            return [new("respond", VectorText.Of(expected), VectorText.Of(failure))];
        }

        if (outcome.Value is not { } response)
        {
            return expected.ValueKind == JsonValueKind.Null ? [] : [new("respond", VectorText.Of(expected), "null")];
        }

        return VectorComparison.OfResponse(expected, JsonSerializer.SerializeToElement(new Dictionary<string, object?>
        {
            ["code"] = response.Code,
            ["payload"] = Convert.ToHexStringLower(response.Payload),
            ["content_format"] = response.ContentFormat,
        }));
    }

    private static VectorDifference[] Downlink(CompiledScript script, CommandVector vector, DeviceConfig config)
    {
        var outcome = script.FormatCommand(vector.Command with { DeviceId = config.DeviceId }, config, vector.Request);
        if (vector.Error is { } part)
        {
            return Refusal("format_command", part, outcome.Failure, ScriptFailureKind.InvalidCommand, outcome.Succeeded ? Bytes(outcome.Value) : null);
        }

        var (expected, actual) = (Bytes(vector.Bytes), outcome.Failure is { } failure ? VectorText.Of(failure) : Bytes(outcome.Value));
        return expected == actual ? [] : [new("format_command", expected, actual)];
    }

    private static VectorDifference[] Refusal(string function, string part, ScriptFailure? failure, ScriptFailureKind kind, string? came)
    {
        var isRefused = failure?.Kind == kind && failure.Message.Contains(part, StringComparison.Ordinal);
        return isRefused ? [] : [new(function, $"a refusal with {VectorText.Of(part)}", came ?? VectorText.Of(failure!))];
    }

    private static string Place(int index) => string.Create(CultureInfo.InvariantCulture, $"reading {index + 1}");

    private static string Count(int readings) => readings == 1 ? "1 reading" : string.Create(CultureInfo.InvariantCulture, $"{readings} readings");

    private static string Bytes(byte[]? bytes) => bytes is null ? "null, for a command that the script does not know" : VectorText.Of(Convert.ToHexStringLower(bytes));

    private static JsonElement Json(Reading reading)
    {
        var line = new ArrayBufferWriter<byte>();
        ReadingJson.Write(line, reading);
        return JsonElement.Parse(line.WrittenSpan);
    }
}
