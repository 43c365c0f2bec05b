using CsCheck;

namespace Gateway.Tests.Configuration;

/// <summary>JSON that looks a little like gateway.json: its names at odd places, with values of every kind.</summary>
internal static class RandomJson
{
    private static readonly Gen<string> Name = Gen.OneOfConst(
        "coap", "port", "addresses", "routes", "path", "methods", "profile", "identity", "profiles", "efento", "script", "settings", "sinks", "type",
        "enabled", "devices", "import_path", "log", "level", "storage", "$schema", "", "a b", "\\ud800", "\\\"");

    private static readonly Gen<string> Scalar = Gen.OneOf(
        Gen.OneOfConst("null", "true", "false", "\"file\"", "\"post\"", "\"\"", "\"\\udc00\"", "1e999", "-1e-999", "1e99999999999", "12345678901234567890", "0.5", "-0"),
        Gen.Int.Select(number => $"{number}"));

    public static Gen<string> Document { get; } = Value(4);

    /// <summary>The left side of a <c>--set</c>, sometimes of a place that exists.</summary>
    public static Gen<string> Path { get; } = Gen.OneOf(Name, Gen.Int[0, 6].Select(index => $"{index}")).Array[1, 5].Select(parts => string.Join('.', parts));

    private static Gen<string> Value(int depth) => depth == 0 ? Scalar : Gen.Frequency(
        (1, Scalar),
        (1, Value(depth - 1).Array[0, 3].Select(items => $"[{string.Join(',', items)}]")),
        (3, Gen.Select(Name, Value(depth - 1)).Array[0, 4].Select(members =>
            $"{{{string.Join(',', members.Select(member => $"\"{member.Item1}\":{member.Item2}"))}}}")));
}
