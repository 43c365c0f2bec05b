namespace Gateway.Tests.Scripting;

/// <summary>A script that does not end is ended.</summary>
internal sealed class GuardLoopTests
{
    [TestCase("while (true) ;")]
    [TestCase("while (true) { }")]
    [TestCase("for (;;) { }")]
    [TestCase("do { } while (payload.Length > 0); return [];")]
    [TestCase("again: goto again;")]
    [TestCase("again: if (payload.Length > 0) goto again; return [];")]
    [TestCase("var i = 0; while (true) { i++; if (i > 5) continue; i--; }")]
    [TestCase("for (byte b = 0; b <= 255; b++) { } return [];")]
    [TestCase("var i = 0; while (true) switch (i) { case 0: i = 1; break; case 1: i = 2; break; case 2: i = 0; break; }")]
    [TestCase("var s = 0; start: switch (s % 4) { case 0: s++; goto start; case 1: s++; goto start; default: s++; goto start; }")]
    [TestCase("while (true) { try { continue; } finally { payload[0]++; } }")]
    public void Every_form_of_loop_is_stopped(string body)
    {
        Assert.That(Hostile.Stopped(body, limits: Hostile.NoTime), Does.Match(@"^the script was stopped: it exceeded its time limit of \d+ ms \(scripts/x\.csx:3\)$"));
    }

    [TestCase("while (true) { try { while (true) ; } catch { _ = 1; } }")]
    [TestCase("while (true) { try { while (true) ; } catch (Exception) { _ = 1; } }")]
    [TestCase("while (true) { try { while (true) ; } catch (Exception e) when (e.Message != null) { _ = 1; } }")]
    [TestCase("while (true) { try { while (true) ; } catch (Exception) when (Loops()) { _ = 1; } }")]
    [TestCase("try { while (true) ; } finally { for (var i = 0; ; i++) { if (i < 0) break; } }")]
    [TestCase("try { while (true) ; } catch { while (true) ; }")]
    [TestCase("try { while (true) ; } catch { return []; }")]
    [TestCase("try { while (true) ; } catch (Exception e) { throw new InvalidPayloadException(e.Message); }")]
    [TestCase("try { try { while (true) ; } finally { if (payload.Length > 0) throw new Exception(); } } catch { return []; }")]
    [TestCase("throw new Endless();")]
    [TestCase("try { throw new Endless(); } catch (Exception e) when (e.Message == null) { _ = 1; } return [];")]
    public void No_handler_can_hide_that_the_script_was_stopped(string body)
    {
        Assert.That(
            Hostile.Stopped(body, "class Endless : Exception { public override string Message { get { while (true) ; } } } static bool Loops() { while (true) ; }", Hostile.NoTime),
            Does.Contain("it exceeded its time limit of"));
    }

    [TestCase("return Endless(payload);", "IEnumerable<Reading> Endless(byte[] payload) { while (payload.Length > 0) { } yield break; }")]
    [TestCase("return Endless().Where(n => n < 0).Select(n => new Reading(\"A\", n));", "IEnumerable<int> Endless() { while (true) yield return 1; }")]
    [TestCase("return Endless().Skip(int.MaxValue).Select(n => new Reading(\"A\", n));", "IEnumerable<int> Endless() { while (true) yield return 1; }")]
    [TestCase("Array.Sort(new int[9], (a, b) => { while (true) ; }); return [];", "")]
    [TestCase("new Dictionary<Key, int>().Add(new Key(), 1); return [];", "class Key { public override int GetHashCode() { while (true) ; } }")]
    [TestCase("return [new(\"A\", $\"{new Text()}\")];", "class Text { public override string ToString() { while (true) ; } }")]
    [TestCase("return [new(\"A\", Bad.Field)];", "static class Bad { public static int Field = Loop(); static int Loop() { while (true) ; } }")]
    [TestCase("new SortedDictionary<int, int>(new Slow()) { [1] = 1, [2] = 2 }.ToString(); return [];", "class Slow : IComparer<int> { public int Compare(int a, int b) { while (true) ; } }")]
    [TestCase("new[] { 1, 2 }.Order(new Slow()).ToList(); return [];", "class Slow : IComparer<int> { public int Compare(int a, int b) { while (true) ; } }")]
    [TestCase("new HashSet<int>(new Slow()) { 1 }.ToString(); return [];", "class Slow : IEqualityComparer<int> { public bool Equals(int a, int b) => true; public int GetHashCode(int a) { while (true) ; } }")]
    [TestCase("payload.Select(b => new Key(b)).Distinct().ToList(); return [];", "record Key(int A) { public virtual bool Equals(Key? other) { while (true) ; } public override int GetHashCode() => 1; }")]
    [TestCase("payload.GroupBy(b => new Key(b)).ToList(); return [];", "record struct Key(int A) { public override int GetHashCode() { while (true) ; } }")]
    [TestCase("var a = new Money() + new Money(); return [];", "class Money { public static Money operator +(Money a, Money b) { while (true) ; } }")]
    [TestCase("Money m = 1; return [];", "class Money { public static implicit operator Money(int n) { while (true) ; } }")]
    [TestCase("var a = new Lazy<int>(() => { while (true) ; }).Value; return [];", "")]
    [TestCase("var a = new System.Collections.Concurrent.ConcurrentDictionary<int, int>().GetOrAdd(1, _ => { while (true) ; }); return [];", "")]
    [TestCase("var (a, b) = new Pair(); return [];", "class Pair { public void Deconstruct(out int a, out int b) { while (true) ; } }")]
    [TestCase("Func<int> f = () => { while (true) ; }; f(); return [];", "")]
    [TestCase("foreach (var item in new Bag()) { } return [];", "class Bag { public Bag GetEnumerator() => this; public int Current => 1; public bool MoveNext() => true; }")]
    [TestCase("using (new Late()) return [];", "class Late : IDisposable { public void Dispose() { while (true) ; } }")]
    [TestCase("return new Loop();", "class Loop : List<Reading>, IEnumerable<Reading> { IEnumerator<Reading> IEnumerable<Reading>.GetEnumerator() { while (true) ; } }")]
    public void Code_that_the_framework_calls_is_stopped(string body, string members)
    {
        Assert.That(Hostile.Stopped(body, members, Hostile.NoTime), Does.Contain("it exceeded its time limit of"));
    }

    [Test]
    public void A_regular_expression_that_goes_back_and_forth_is_given_up()
    {
        var failure = Hostile.Run(Hostile.Compile("new System.Text.RegularExpressions.Regex(\"^(a+)+$\").IsMatch(new string('a', 60) + \"!\"); return [];")).Failure;

        Assert.That(failure?.Message, Does.StartWith("RegexMatchTimeoutException: ").Or.Contain("time limit"));
    }

    [Test]
    public void Top_level_code_is_stopped_and_is_a_problem()
    {
        Assert.That(Scripts.Problems(Scripts.NoReadings + Scripts.NoCommands + "\nwhile (true) ;"), Is.EqualTo(
        [
            "scripts/x.csx(1,1): error GW0008: in the script's top-level code the script was stopped: it exceeded its time limit of 1000 ms (scripts/x.csx:4)",
        ]));
    }

    [Test]
    public void A_script_that_was_stopped_can_be_called_again()
    {
        var script = Hostile.Compile("while (payload[0] == 1) ; return [new(\"A\", payload[0])];");

        for (var i = 0; i < 6; i++)
        {
            Assert.That(Hostile.Run(script).Succeeded, Is.False);
            Assert.That(script.Parse(7).Value[0].Values[0].AsInt64(), Is.EqualTo(7));
        }

        Assert.That(Hostile.Run(script).Failure?.Message, Is.EqualTo("the script was stopped: it exceeded its time limit of 10 ms (scripts/x.csx:3)"));
    }
}
