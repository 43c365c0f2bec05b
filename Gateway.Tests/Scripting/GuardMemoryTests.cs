namespace Gateway.Tests.Scripting;

/// <summary>A script that takes too much memory is stopped while there is some left.</summary>
internal sealed class GuardMemoryTests
{
    [TestCase("var list = new List<byte[]>(); while (true) list.Add(new byte[1000]);")]
    [TestCase("var list = new List<int> { 1 }; while (true) list.AddRange(list);")]
    [TestCase("var text = \"x\"; while (true) text += text;")]
    [TestCase("var text = new StringBuilder(\"x\"); while (true) text.Append(text.ToString());")]
    [TestCase("var data = new long[int.MaxValue / 2]; return [];")]
    [TestCase("var data = new (decimal, decimal)[4_000_000]; return [];")]
    [TestCase("var data = new string('x', 500_000_000); return [];")]
    [TestCase("var data = \"\".PadLeft(500_000_000, 'x'); return [];")]
    [TestCase("var data = new List<long>(500_000_000); return [];")]
    [TestCase("var data = new Dictionary<string, long>(500_000_000, StringComparer.Ordinal); return [];")]
    [TestCase("var data = new StringBuilder(500_000_000); return [];")]
    [TestCase("var data = new StringBuilder().Append('x', 500_000_000); return [];")]
    [TestCase("Array.Resize(ref payload, 2_000_000_000); return [];")]
    [TestCase("return Make(2_000_000_000).Length > 0 ? [] : [];", "static T[] Make<T>(int n, T value) => new T[n]; static byte[] Make(int n) => Make(n, (byte)1);")]
    [TestCase("while (true) { try { _ = new byte[1 << 28]; } catch { _ = 1; } }")]
    [TestCase("try { _ = new byte[1 << 28]; } catch { _ = 1; } return [];")]
    public void Every_way_of_taking_memory_is_stopped(string body, string members = "")
    {
        Assert.That(Hostile.Stopped(body, members), Does.Contain("it exceeded its allocation limit of").Or.Contain("time limit"));
    }

    [TestCase("return Enumerable.Range(0, int.MaxValue).Select(n => new Reading(\"A\", n)).Where(r => false);")]
    [TestCase("return Enumerable.Range(0, int.MaxValue).Distinct().Select(n => new Reading(\"A\", n));")]
    [TestCase("return Enumerable.Repeat(\"x\", int.MaxValue).ToArray().Select(n => new Reading(\"A\", n));")]
    public void A_sequence_without_end_is_not_even_begun(string body)
    {
        Assert.That(Hostile.Stopped(body), Does.Contain("it asked for a sequence of 2147483647, of the 1000000 that it may have"));
    }

    [Test]
    public void What_a_call_allocates_without_the_checks_noticing_is_seen_at_its_end()
    {
        Assert.That(Hostile.Stopped("var bytes = Enumerable.Range(0, 900_000).ToArray(); for (var i = 0; i < 4; i++) bytes = bytes.Concat(bytes).ToArray(); return [];"), Does.Contain("limit"));
    }

    [Test]
    public void A_negative_length_is_the_scripts_own_fault()
    {
        Assert.That(Hostile.Run(Hostile.Compile("_ = new byte[payload.Length - 9]; return [];")).Failure?.Message, Is.EqualTo(
            "OverflowException: Arithmetic operation resulted in an overflow. (scripts/x.csx:3)"));
    }
}
