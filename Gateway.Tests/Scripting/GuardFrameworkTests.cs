namespace Gateway.Tests.Scripting;

/// <summary>What a script makes the framework do is stopped, too, though there is no check in the framework's code.</summary>
internal sealed class GuardFrameworkTests
{
    [TestCase("IEnumerable<int> all = [1]; for (var i = 0; i < 45; i++) all = all.Concat(all); return [new(\"A\", all.Last())];")]
    [TestCase("IEnumerable<int> all = [1]; for (var i = 0; i < 45; i++) all = all.Concat(all); foreach (var n in all) { } return [];")]
    [TestCase("IEnumerable<int> all = [1]; for (var i = 0; i < 100_000; i++) all = all.Select(n => n); return [new(\"A\", all.Count())];")]
    [TestCase("IEnumerable<int> all = [1]; for (var i = 0; i < 50_000; i++) all = all.Append(1).Where(n => true); return [new(\"A\", all.Sum())];")]
    [TestCase("var million = Enumerable.Range(0, 1_000_000); return [new(\"A\", million.SelectMany(_ => million).Count())];")]
    [TestCase("var million = Enumerable.Range(0, 1_000_000); return [new(\"A\", Enumerable.Repeat(million, 1_000_000).SelectMany(Enumerable.AsEnumerable).Count())];")]
    [TestCase("return [new(\"A\", string.Join(\"\", Enumerable.Repeat(new string('x', 1_000_000), 1_000_000)))];")]
    [TestCase("return [new(\"A\", string.Concat(Enumerable.Repeat(new string('x', 1_000_000), 1_000_000)))];")]
    [TestCase("return [new(\"A\", Enumerable.Repeat(\"xxxxxxxx\", 1_000_000).Aggregate(string.Concat))];")]
    [TestCase("var text = new string('x', 1_000_000); return [new(\"A\", text.Replace(\"x\", text))];")]
    [TestCase("var text = new StringBuilder(\"x\"); text.Length = 500_000_000; return [];")]
    [TestCase("var text = new StringBuilder(\"x\").Insert(0, \"xxxxxxxxxx\", 100_000_000); return [];")]
    [TestCase("var list = new List<int>(); list.Capacity = 500_000_000; return [];")]
    [TestCase("var set = new HashSet<int>(); set.EnsureCapacity(500_000_000); return [];")]
    [TestCase("var bytes = new System.IO.BinaryReader(new System.IO.MemoryStream(payload)).ReadBytes(2_000_000_000); return [];")]
    [TestCase("var bytes = new System.IO.MemoryStream(2_000_000_000); return [];")]
    [TestCase("var writer = new System.Formats.Cbor.CborWriter(initialCapacity: 2_000_000_000); return [];")]
    [TestCase("var writer = new System.Formats.Cbor.CborWriter(); writer.WriteStartArray(null); for (var half = new byte[4_000_000]; ;) writer.WriteByteString(half);")]
    [TestCase("var writer = new System.Formats.Cbor.CborWriter(); for (; ;) writer.WriteStartArray(null);")]
    [TestCase("return [new(\"A\", string.Create(900_000_000, 1, (span, n) => span[0] = 'x'))];")]
    [TestCase("var cube = new long[1000, 1000, 1000]; return [];")]
    [TestCase("var e = new Exception(); for (var i = 0; i < 60_000; i++) e = new Exception(\"x\", e); return [new(\"A\", e.ToString())];")]
    [TestCase("var e = new Own(null); for (var i = 0; i < 60_000; i++) e = new Own(e); return [new(\"A\", e.ToString())];", "class Own(Exception? e) : Exception(\"x\", e);")]
    public void What_the_framework_would_do_without_end_is_stopped(string body, string members = "")
    {
        Assert.That(Hostile.Stopped(body, members), Does.StartWith("the script was stopped: it"));
    }

    [TestCase("IsMatch(text, pattern)")]
    [TestCase("IsMatch(text.AsSpan(), pattern)")]
    [TestCase("IsMatch(text, pattern, RegexOptions.Compiled)")]
    [TestCase("IsMatch(text, pattern, RegexOptions.None, TimeSpan.FromDays(1))")]
    [TestCase("Match(text, pattern).Success")]
    [TestCase("Matches(text, pattern).Count > 0")]
    [TestCase("Count(text, pattern) > 0")]
    [TestCase("Replace(text, pattern, \"b\") == \"\"")]
    [TestCase("Replace(text, pattern, m => \"b\", RegexOptions.Singleline) == \"\"")]
    [TestCase("Split(text, pattern).Length > 0")]
    [TestCase("EnumerateMatches(text, pattern).MoveNext()")]
    public void A_regular_expression_of_a_static_method_is_given_up(string call)
    {
        var failure = Hostile.Run(Hostile.Compile(
            $"var (text, pattern) = (new string('a', 60) + \"!\", \"^(a+)+$\"); return [new(\"A\", Regex.{call})];", "using System.Text.RegularExpressions;")).Failure;

        Assert.That(failure?.Message, Does.StartWith("RegexMatchTimeoutException: ").Or.Contain("time limit"));
    }

    [Test]
    public void What_is_good_for_something_gives_what_it_should()
    {
        var script = Scripts.Compile("""
            using System.Text.RegularExpressions;
            Reading[] parse(byte[] payload, DeviceConfig config) =>
            [
                new("A", Regex.Replace("a1b22", "[0-9]+", "-", RegexOptions.Compiled)),
                new("B", string.Join(",", Regex.Split("a b", " ").Concat(["c"]).Chunk(2).Zip([1, 2]).Select(pair => pair.First.Length * pair.Second).OrderDescending())),
                new("C", payload.GroupBy(b => b % 2).ToDictionary(g => g.Key, g => g.Count())[1]),
                new("D", "a.b".Replace(".", "::") + "a.b".Replace('.', ':') + "x".Replace("x", null)),
                new("E", new Exception("o", new Exception("i")).InnerException!.Message),
                new("F", payload.Index().Where(pair => pair.Index > 0).Sum(pair => pair.Item)),
            ];
            """ + Scripts.NoCommands);

        Assert.That(script.Parse(1, 2, 3).Value.Select(reading => reading.Values[0].ToString()), Is.EqualTo(["a-b-", "2,2", "2", "a::ba:b", "i", "5"]));
    }

    [Test]
    public void A_script_under_attack_takes_nothing_from_another()
    {
        var hostile = Hostile.Compile("while (true) { try { _ = new byte[100]; } catch { _ = 1; } }");
        var good = Hostile.Compile("return [new(\"A\", payload[0])];");
        using var ended = new CancellationTokenSource();
        var stopped = 0;
        var attacker = new Thread(() =>
        {
            while (!ended.IsCancellationRequested)
            {
                stopped += hostile.Parse(1).Succeeded ? 0 : 1;
            }
        })
        { IsBackground = true };
        attacker.Start();
        var outcomes = new List<bool>();
        while (Volatile.Read(ref stopped) < 3)
        {
            outcomes.Add(good.Parse(7).Succeeded);
        }

        ended.Cancel();
        attacker.Join();
        Assert.That(outcomes, Is.Not.Empty.And.All.True);
    }
}
