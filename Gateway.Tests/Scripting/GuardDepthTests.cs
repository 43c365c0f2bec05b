namespace Gateway.Tests.Scripting;

/// <summary>A script that calls itself without end is stopped before the stack is: an overflow would be the process's end.</summary>
internal sealed class GuardDepthTests
{
    [TestCase("return Down(1);", "Reading[] Down(int n) => [.. Down(n + 1)];")]
    [TestCase("return parse(payload, config);", "")]
    [TestCase("IEnumerable<Reading> Local() => Local(); return Local();", "")]
    [TestCase("Func<int, int> f = null!; f = n => f(n + 1) + 1; f(1); return [];", "")]
    [TestCase("return [new(\"A\", Value)];", "int Value => Value + 1;")]
    [TestCase("return [new(\"A\", new Node().Depth)];", "class Node { Node inner = new(); public int Depth = 1; }")]
    [TestCase("return [new(\"A\", new Node()[1])];", "class Node { public int this[int i] => this[i + 1]; }")]
    [TestCase("_ = new Money() + new Money(); return [];", "class Money { public static Money operator +(Money a, Money b) => a + b; }")]
    [TestCase("Money m = 1; return [];", "class Money { public static implicit operator Money(int n) => n; }")]
    [TestCase("var a = new Knot(); a.Other = a; return [new(\"A\", a.GetHashCode())];", "record Knot { public Knot? Other { get; set; } }")]
    [TestCase("var a = new Knot(); a.Other = a; return [new(\"A\", a.ToString())];", "record Knot { public Knot? Other { get; set; } }")]
    [TestCase("var a = new Knot(); a.Other = a; var b = new Knot(); b.Other = b; return [new(\"A\", a == b)];", "record Knot { public Knot? Other { get; set; } }")]
    [TestCase("new List<int> { 2, 1 }.Sort(new Order()); return [];", "class Order : IComparer<int> { public int Compare(int a, int b) { new List<int> { 2, 1 }.Sort(this); return 0; } }")]
    [TestCase("return Nested(1);", "IEnumerable<Reading> Nested(int n) { foreach (var r in Nested(n + 1)) yield return r; }")]
    [TestCase("try { Down(); } catch { _ = 1; } return [];", "static void Down() { try { Down(); } catch { Down(); } finally { Down(); } }")]
    [TestCase("Down<int>(); return [];", "static void Down<T>() => Down<List<T>>();")]
    [TestCase("return [new(\"A\", new Text().ToString())];", "class Text { public override string ToString() => $\"{this}\"; }")]
    [TestCase("Down(); return [];", "static void Down() { try { Down(); } finally { Down(); } }")]
    [TestCase("Down(); return [];", "static void Down() { try { Down(); } catch (Exception e) when (e.Message != \"\") { throw; } }")]
    [TestCase("Down(); return [];", "static void Down() => Array.Sort([2, 1], (a, b) => { Down(); return 0; });")]
    [TestCase("Down(); return [];", "static void Down() => new[] { 2, 1 }.OrderBy(n => n, Comparer<int>.Create((a, b) => { Down(); return 0; })).ToList();")]
    [TestCase("return [new(\"A\", A<int>.F)];", "static class A<T> { public static int F = A<List<T>>.F; static A() { } }")]
    public void Every_form_of_recursion_is_stopped(string body, string members)
    {
        Assert.That(Hostile.Stopped(body, members), Does.StartWith("the script was stopped: it"));
    }

    [Test]
    public void The_line_of_the_deepest_call_is_told()
    {
        Assert.That(Hostile.Stopped("return Down(1);", "Reading[] Down(int n) => [.. Down(n + 1)];"), Is.EqualTo(
            "the script was stopped: its calls are nested too deep (scripts/x.csx:1)"));
    }

    [Test]
    public void Recursion_as_people_use_it_is_not()
    {
        Assert.That(Hostile.Run(Hostile.Compile("return [new(\"A\", Sum(500))];", "int Sum(int n) => n == 0 ? 0 : n + Sum(n - 1);")).Value[0].Values[0].AsInt64(), Is.EqualTo(125_250));
    }
}
