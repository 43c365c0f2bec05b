using System.Text.RegularExpressions;

namespace Gateway.Tests.House;

/// <summary>What no analyzer watches over.</summary>
internal sealed partial class SourceRuleTests
{
    private const int MaxLines = 400;

    private static readonly string[] All = [.. Repository.SourceFiles("Gateway").Concat(Repository.SourceFiles("Gateway.Tests"))];

    [Test]
    public void A_file_is_no_longer_than_a_reader_can_hold() =>
        Assert.That(All.Where(file => File.ReadLines(file).Count() > MaxLines).Select(Repository.Relative), Is.Empty, $"more than {MaxLines} lines are two things in one file");

    [Test]
    public void Nothing_is_left_to_be_done_in_a_comment() => Assert.That(Offences(All, Promise()), Is.Empty);

    [Test]
    public void No_failure_is_swallowed() => Assert.That(Offences(All, EmptyCatch()), Is.Empty, "a catch says what becomes of the failure, in code");

    [Test]
    public void No_test_waits_for_time_to_pass() =>
        Assert.That(Offences(Repository.SourceFiles("Gateway.Tests"), Waiting()), Is.Empty, "wait for a condition that has a name, or turn a clock of your own");

    private static IEnumerable<string> Offences(IEnumerable<string> files, Regex forbidden) =>
        from file in files
        let text = File.ReadAllText(file)
        from match in forbidden.Matches(text).AsEnumerable()
        select $"{Repository.Relative(file)}:{text.AsSpan(0, match.Index).Count('\n') + 1}: {match.Value.ReplaceLineEndings(" ")}";

    // Each is written so that it does not find itself.
    [GeneratedRegex(@"\b(TO[D]O|FIX[M]E)\b")]
    private static partial Regex Promise();

    [GeneratedRegex(@"\bcatch\b\s*(\([^{}]*\))?\s*\{(\s|//[^\n]*)*\}")]
    private static partial Regex EmptyCatch();

    [GeneratedRegex(@"\b(Thread[.]Sleep|Task[.]Delay)\(")]
    private static partial Regex Waiting();
}
