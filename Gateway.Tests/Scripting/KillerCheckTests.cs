namespace Gateway.Tests.Scripting;

/// <summary>What could end the process from within a script is refused, with its place.</summary>
internal sealed class KillerCheckTests
{
    [TestCase("static int A() { Span<int> a = stackalloc int[9]; return a[0]; }", 32, "GW0030: stackalloc is not available")]
    [TestCase("static int A() { Span<int> a = stackalloc[] { 1, 2 }; return a[0]; }", 32, "GW0030: stackalloc is not available")]
    [TestCase("[System.Runtime.CompilerServices.InlineArray(999)] struct A { int a; }", 2, "GW0031: an inline array is not available")]
    [TestCase("class A { ~A() { } }", 11, "GW0032: a finalizer is not available")]
    [TestCase("static async void A() { }", 1, "GW0033: async void is not available")]
    [TestCase("static Action A() => async () => { };", 22, "GW0033: async void is not available")]
    [TestCase("class A { [System.Runtime.CompilerServices.ModuleInitializer] public static void B() { } }", 12, "GW0034: a module initializer is not available")]
    [TestCase("class A { [System.Runtime.InteropServices.DllImport(\"c\")] public static extern void abort(); }", 12, "GW0035: native code is not available")]
    [TestCase("static void A() { try { } finally { while (true) ; } }", 27, "GW0036: the end of this finally can't be reached")]
    [TestCase("static void A() { try { } finally { throw new Exception(); } }", 27, "GW0036: the end of this finally can't be reached")]
    [TestCase("[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit, Size = 2000)] struct A { }", 1, "GW0037: a struct must not be larger than 1024 bytes")]
    [TestCase("record struct A((long, long, long, long, long, long, long) a); record struct B(A a, A b, A c, A d, A e); record struct C(B a, B b, B c, B d);", 106, "GW0037: a struct must not be larger than 1024 bytes")]
    public void What_could_end_the_process_is_refused(string member, int column, string problem)
    {
        Assert.That(Scripts.Problems($"// first line\n{member}\n{Scripts.NoReadings}{Scripts.NoCommands}"), Has.Some.StartsWith($"scripts/x.csx(2,{column}): error {problem}"));
    }

    [Test]
    public void Unsafe_code_does_not_compile()
    {
        Assert.That(Scripts.Problems($"static unsafe int A(int* a) => *a;\n{Scripts.NoReadings}{Scripts.NoCommands}"), Has.Some.Contains("CS0227"));
    }

    [Test]
    public void What_looks_like_it_is_not_refused()
    {
        var script = Scripts.Compile("""
            struct Small { public long A, B, C, D; }
            static int Tidy() { try { return 1; } finally { for (var i = 0; i < 3; i++) { if (i == 1) break; } } }
            Reading[] parse(byte[] payload, DeviceConfig config) => [new("A", Tidy() + new Small().A)];
            """ + Scripts.NoCommands);

        Assert.That(script.Parse().Value[0].Values[0].AsInt64(), Is.EqualTo(1));
    }
}
