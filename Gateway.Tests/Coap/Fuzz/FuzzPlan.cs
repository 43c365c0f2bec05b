using System.Globalization;
using System.Security.Cryptography;

namespace Gateway.Tests.Coap.Fuzz;

/// <summary>How much is tried, and from which seeds of chance: <c>FUZZ_CASES</c> and <c>FUZZ_SEED</c> make a run longer, or repeat one.</summary>
internal static class FuzzPlan
{
    private const int AlwaysTheSame = 7252;

    /// <summary>A run that is always the same, and one that never is; or just the one that is to be repeated.</summary>
    public static IEnumerable<int> Seeds => Read("FUZZ_SEED") is { } seed ? [seed] : [AlwaysTheSame, RandomNumberGenerator.GetInt32(int.MaxValue)];

    /// <summary>How many cases a run has.</summary>
    public static int Cases(int usually) => Read("FUZZ_CASES") ?? usually;

    /// <summary>What somebody needs to see the same again.</summary>
    public static string Report(int seed, int number, Seed from, byte[] datagram) =>
        $"FUZZ_SEED={seed}, case {number}, made from {from}: {Convert.ToHexStringLower(datagram)}";

    private static int? Read(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
