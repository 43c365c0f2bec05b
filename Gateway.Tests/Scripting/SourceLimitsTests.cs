using Gateway.Scripting;

namespace Gateway.Tests.Scripting;

/// <summary>
/// Sources that overflow the compiler's stack, or would keep it busy for hours, are problems and no death of the process.
/// Each of these killed it without the limits.
/// </summary>
internal sealed class SourceLimitsTests
{
    private const int Deep = 20_000;

    [TestCase("var x = ", "(", "1", ")", ";", Description = "parentheses")]
    [TestCase("", "{", "", "}", "", Description = "blocks")]
    [TestCase("", "class A{", "", "}", "", Description = "classes")]
    [TestCase("", "A<", "int", ">", " x;", Description = "type arguments")]
    [TestCase("", "A<B,A", "", "", "", Description = "type arguments left open")]
    [TestCase("", "delegate*<", "int", ">", " x;", Description = "function pointers")]
    [TestCase("int[] x = ", "[", "", "]", ";", Description = "collections")]
    [TestCase("var x = ", "$\"{", "1", "}\"", ";", Description = "interpolated strings")]
    [TestCase("var x = ", "!", "true", "", ";", Description = "unary operators")]
    [TestCase("var x = ", "a?1:", "2", "", ";", Description = "conditionals")]
    [TestCase("var x = ", "a??", "a", "", ";", Description = "coalescing")]
    [TestCase("var x = ", "a=", "1", "", ";", Description = "assignments")]
    [TestCase("var x = ", "a=>", "1", "", ";", Description = "lambdas")]
    [TestCase("var x = ", "(int)", "1", "", ";", Description = "casts")]
    [TestCase("var x = a", ".a", "", "", ";", Description = "members")]
    [TestCase("a", ".a", "", "", " x;", Description = "names of types")]
    [TestCase("var x = \"\"", ".Trim()", "", "", ";", Description = "calls")]
    [TestCase("var x = \"\"", "?.Trim()", "", "", ";", Description = "conditional calls")]
    [TestCase("var x = \"\"", "[0]", "", "", ";", Description = "indexes")]
    [TestCase("var x = \"\"", "!", "", "", ";", Description = "null-forgiving operators")]
    [TestCase("var x = 1", "+1", "", "", ";", Description = "sums")]
    [TestCase("var x = 1 is ", "not ", "1", "", ";", Description = "patterns")]
    [TestCase("", "if(a)", ";", "", "", Description = "conditions")]
    [TestCase("", "if(a){}else ", ";", "", "", Description = "else if")]
    [TestCase("", "for(;;)", ";", "", "", Description = "loops")]
    [TestCase("", "while(true)", ";", "", "", Description = "loops")]
    [TestCase("", "using(null)", ";", "", "", Description = "usings")]
    [TestCase("", "a:", ";", "", "", Description = "labels")]
    [TestCase("object x = null ?? ", "throw ", "null", "", ";", Description = "throws")]
    [TestCase("var x = ", "await ", "1", "", ";", Description = "awaits")]
    [TestCase("var x = ", "from a in ", "b select a", "", ";", Description = "queries")]
    [TestCase("#if ", "(", "A", ")", "\n#endif", Description = "directives")]
    [TestCase("a #if ", "!", "A", "", "\n#endif", Description = "directives behind code")]
    public void Deep_nesting_is_a_problem(string before, string open, string middle, string close, string after)
    {
        var source = before + Repeated(open) + middle + Repeated(close) + after;

        var problems = Scripts.Problems(source);

        // Where the compiler's own parser gives up in time, its error serves as well.
        Assert.That(problems[0], Does.Match(@"^scripts/x\.csx\(1,\d+\): error (GW0006|CS8078): "));
    }

    [Test]
    public void Deep_nesting_is_told_with_its_place()
    {
        Assert.That(Scripts.Problems($"// deep\nvar x = {Repeated("(")}1{Repeated(")")};"), Is.EqualTo(
        [
            "scripts/x.csx(2,209): error GW0006: more than 200 brackets are open here",
        ]));
    }

    [Test]
    public void A_source_that_is_too_long_is_a_problem()
    {
        Assert.That(Scripts.Problems(new string(' ', SourceLimits.Length + 1)), Is.EqualTo(
        [
            "scripts/x.csx(1,1): error GW0005: the source has more than the 1048576 characters that a script may have",
        ]));
    }

    [Test]
    public void What_people_write_is_within_the_limits()
    {
        var table = string.Join(", ", Enumerable.Range(0, 4096));
        var choices = string.Concat(Enumerable.Range(0, 300).Select(i => $"if (payload.Length == {i}) return [new(\"A\", {i})]; else "));
        var sum = string.Join(" + ", Enumerable.Repeat("payload.Length", 300));
        var less = string.Join("\n", Enumerable.Repeat("if (payload.Length < 1 && payload.Length < 2) { }", 300));
        var source = $"int[] table = [{table}];\nReading[] parse(byte[] payload, DeviceConfig config) {{ {less} {choices} return [new(\"S\", {sum})]; }}\n{Scripts.NoCommands}";

        Assert.That(Scripts.Compile(source).Parse(new byte[299]).Value[0].Values[0].AsInt64(), Is.EqualTo(299));
    }

    private static string Repeated(string text) => string.Concat(Enumerable.Repeat(text, Deep));
}
