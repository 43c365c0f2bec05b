using Gateway.Scripting;
using Gateway.Tests.Support;

namespace Gateway.Tests.Scripting;

/// <summary>A script reaches what a parser needs, and nothing else.</summary>
internal sealed class ScriptPolicyTests
{
    private const string Rest = Scripts.NoReadings + Scripts.NoCommands;

    [Test]
    public void What_is_refused_is_told_with_its_place_the_reason_and_the_way_out()
    {
        Assert.That(Scripts.Problems($"var a = 1;\nvar text = System.IO.File.ReadAllText(\"x\").Trim();\nvar now = DateTime.UtcNow.AddDays(1);\n{Rest}"), Is.EqualTo(
        [
            "scripts/x.csx(2,12): error GW0040: System.IO.File is not available to scripts: a script sees no files, processes, network, reflection, threads or clock; "
                + "an admin can trust this script by name in gateway.json (scripts.trusted)",
            "scripts/x.csx(3,11): error GW0040: DateTime.UtcNow is not available to scripts: a script has no clock; use request.ReceivedAt",
        ]));
    }

    // Files, processes, environment.
    [TestCase("System.IO.File.Delete(\"x\");", "System.IO.File ")]
    [TestCase("[System.Diagnostics.DebuggerDisplay(\"x\")] class A { }", "System.Diagnostics.DebuggerDisplayAttribute ")]
    [TestCase("System.IO.FileStream a = new(\"x\", 0);", "System.IO.FileStream ")]
    [TestCase("var a = new List<System.IO.FileInfo>();", "System.IO.FileInfo ")]
    [TestCase("Func<string, bool> a = System.IO.Directory.Exists;", "System.IO.Directory ")]
    [TestCase("Environment.Exit(1);", "Environment.Exit ")]
    [TestCase("Environment.FailFast(\"\");", "Environment.FailFast ")]
    [TestCase("var a = Environment.GetEnvironmentVariable(\"PATH\");", "Environment.GetEnvironmentVariable ")]
    [TestCase("AppContext.SetSwitch(\"x\", true);", "System.AppContext ")]
    [TestCase("AppDomain.CurrentDomain.ProcessExit += (_, _) => { };", "System.AppDomain ")]
    [TestCase("GC.Collect();", "System.GC ")]
    // Reflection.
    [TestCase("var a = typeof(string).Assembly;", "Type.Assembly ")]
    [TestCase("var a = 1.GetType().GetMethods();", "Type.GetMethods ")]
    [TestCase("var a = Type.GetType(\"x\");", "Type.GetType ")]
    [TestCase("var a = Activator.CreateInstance(typeof(string));", "System.Activator ")]
    [TestCase("Action b = () => { }; b.DynamicInvoke();", "Delegate.DynamicInvoke ")]
    [TestCase("Action b = () => { }; var m = b.Method;", "Delegate.Method ")]
    [TestCase("var a = new Exception().TargetSite;", "Exception.TargetSite ")]
    [TestCase("var a = Array.CreateInstance(typeof(int), 1);", "Array.CreateInstance ")]
    [TestCase("var a = new Google.Protobuf.WellKnownTypes.Duration(); var b = Google.Protobuf.WellKnownTypes.Duration.Descriptor;", "Duration.Descriptor ")]
    // Threads and tasks.
    [TestCase("new System.Threading.Thread(() => { }).Start();", "System.Threading.Thread ")]
    [TestCase("System.Threading.Thread a = new(() => { });", "System.Threading.Thread ")]
    [TestCase("System.Threading.Tasks.Task.Run(() => { });", "System.Threading.Tasks.Task ")]
    [TestCase("System.Threading.ThreadPool.QueueUserWorkItem(_ => { });", "System.Threading.ThreadPool ")]
    [TestCase("var a = new System.Threading.Timer(_ => { });", "System.Threading.Timer ")]
    [TestCase("System.Threading.Monitor.Wait(new object());", "System.Threading.Monitor ")]
    [TestCase("var a = new System.Threading.SemaphoreSlim(0);", "System.Threading.SemaphoreSlim ")]
    [TestCase("System.Threading.SpinWait.SpinUntil(() => false);", "System.Threading.SpinWait ")]
    [TestCase("class A { [ThreadStatic] static int b; }", "System.ThreadStaticAttribute ")]
    [TestCase("var a = new System.Threading.AsyncLocal<int>();", "System.Threading.AsyncLocal ")]
    [TestCase("var a = new Progress<int>();", "System.Progress ")]
    [TestCase("var a = new System.Threading.CancellationTokenSource(1);", "System.Threading.CancellationTokenSource ")]
    [TestCase("var a = new System.IO.MemoryStream().FlushAsync();", "Stream.FlushAsync ")]
    // Clock and chance.
    [TestCase("var a = DateTime.Now;", "DateTime.Now ")]
    [TestCase("var a = DateTime.Today;", "DateTime.Today ")]
    [TestCase("var a = DateTimeOffset.UtcNow;", "DateTimeOffset.UtcNow ")]
    [TestCase("var a = TimeProvider.System;", "System.TimeProvider ")]
    [TestCase("var a = System.Diagnostics.Stopwatch.StartNew();", "System.Diagnostics.Stopwatch ")]
    [TestCase("var a = TimeZoneInfo.Local;", "TimeZoneInfo.Local ")]
    [TestCase("var a = Random.Shared;", "Random.Shared ")]
    [TestCase("var a = Guid.NewGuid();", "Guid.NewGuid ")]
    // Memory without checks.
    [TestCase("System.Runtime.InteropServices.Marshal.AllocHGlobal(9);", "System.Runtime.InteropServices.Marshal ")]
    [TestCase("var a = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(new byte[4]).Length;", "System.Runtime.InteropServices.MemoryMarshal ")]
    [TestCase("var a = System.Runtime.CompilerServices.Unsafe.SizeOf<int>();", "System.Runtime.CompilerServices.Unsafe ")]
    [TestCase("var a = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(new List<int>()).Length;", "System.Runtime.InteropServices.CollectionsMarshal ")]
    [TestCase("var a = System.Buffers.ArrayPool<byte>.Shared;", "System.Buffers.ArrayPool ")]
    // What outlives the script, or is shared with the gateway.
    [TestCase("var a = JsonSerializer.Serialize(1);", "System.Text.Json.JsonSerializer ")]
    [TestCase("var a = JsonElement.Parse(\"1\").Deserialize<int>();", "JsonSerializer.Deserialize|System.Text.Json.JsonSerializer ")]
    [TestCase("var a = string.Intern(\"x\");", "String.Intern ")]
    [TestCase("Encoding.RegisterProvider(null!);", "Encoding.RegisterProvider ")]
    [TestCase("var a = new System.Runtime.CompilerServices.ConditionalWeakTable<object, object>();", "System.Runtime.CompilerServices.ConditionalWeakTable ")]
    // What can't be stopped.
    [TestCase("var a = System.Numerics.BigInteger.Pow(3, 999999999);", "System.Numerics.BigInteger ")]
    [TestCase("var a = Enumerable.InfiniteSequence(1, 1).Count();", "Enumerable.InfiniteSequence ")]
    [TestCase("static object A(System.Formats.Cbor.CborReader a) => a.ReadBigInteger();", "CborReader.ReadBigInteger |System.Numerics.BigInteger ")]
    [TestCase("new System.Formats.Cbor.CborWriter().WriteBigInteger(1);", "CborWriter.WriteBigInteger |System.Numerics.BigInteger ")]
    public void What_no_parser_needs_is_refused(string code, string what)
    {
        var problems = Scripts.Problems($"{code}\n{Rest}");

        Assert.That(problems, Has.Length.EqualTo(1).And.All.Match($"^scripts/x\\.csx\\(1,\\d+\\): error GW0040: ({what.Replace(".", "\\.", StringComparison.Ordinal)})"));
    }

    [TestCase("using static System.IO.File;\nDelete(\"x\");", 14)]
    [TestCase("using F = System.IO.File;\nF.Delete(\"x\");", 11)]
    public void Another_name_is_refused_where_it_is_given_and_where_it_is_used(string code, int column)
    {
        var problems = Scripts.Problems($"{code}\n{Rest}");

        Assert.That(problems, Has.Length.EqualTo(2));
        Assert.That(problems[0], Does.StartWith($"scripts/x.csx(1,{column}): error GW0040: System.IO.File is not"));
        Assert.That(problems[1], Does.StartWith("scripts/x.csx(2,1): error GW0040: System.IO.File is not"));
    }

    [TestCase("var a = new Random();", 9, "new Random\\(\\) ")]
    [TestCase("Random a = new();", 12, "new Random\\(\\) ")]
    [TestCase("CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;", 1, "CultureInfo.set_CurrentCulture ")]
    [TestCase("System.Text.RegularExpressions.Regex.CacheSize = 1;", 1, "Regex.set_CacheSize ")]
    [TestCase("class Own : System.Text.RegularExpressions.Regex { public Own() : base(\"(a+)+$\") { } }", 67, "deriving from Regex ")]
    [TestCase("record Own(int A);\nJsonNode? a = JsonValue.Create(new Own(1));", 15, "JsonValue.Create<Own> ")]
    [TestCase("JsonNode? a = JsonValue.Create<object>(1);", 15, "JsonValue.Create<Object> ")]
    [TestCase("static void Add<T>(JsonArray a, T b) => a.Add<T>(b);", 41, "JsonArray.Add<T> ")]
    public void What_the_source_does_not_name_is_found_in_the_image(string code, int column, string what)
    {
        Assert.That(Scripts.Problems($"// first line\n{code}\n{Rest}"), Has.Length.EqualTo(1).And.All.Match($"^scripts/x\\.csx\\([23],{column}\\): error GW0041: {what}is not available to scripts: "));
    }

    [Test]
    public void A_lock_is_refused_for_a_stopped_call_would_keep_it()
    {
        Assert.That(Scripts.Problems($"static void A() {{ lock (\"a\") {{ }} }}\n{Rest}"), Has.Length.EqualTo(1).And.All.StartsWith("scripts/x.csx(1,19): error GW0042: lock is not available"));
    }

    [TestCase("var a = nameof(System.IO.File);")]
    [TestCase("using System.IO; using System.Threading; var a = new MemoryStream([1, 2]); var b = new BinaryReader(a).ReadByte();")]
    [TestCase("var a = \"1.5\".GetType().Name + typeof(int) + new Exception(\"x\").Message + Environment.NewLine;")]
    [TestCase("var a = new Random(1).Next() + TimeZoneInfo.FindSystemTimeZoneById(\"UTC\").BaseUtcOffset.Hours;")]
    [TestCase("int a; System.Threading.Interlocked.Increment(ref a); var b = new System.Collections.Concurrent.ConcurrentDictionary<int, int>();")]
    [TestCase("JsonNode? a = JsonValue.Create(1.5); JsonArray b = [1, \"x\"]; b.Add(true); var c = b[0]!.GetValue<int>() + new JsonObject { [\"a\"] = 1 }.ToJsonString();")]
    [TestCase("var a = new Google.Protobuf.WellKnownTypes.Timestamp { Seconds = 1 }.ToByteArray(); var b = ByteString.CopyFrom(a).ToBase64();")]
    [TestCase("var a = new System.Buffers.ArrayBufferWriter<byte>(); using (var b = new Utf8JsonWriter(a)) b.WriteNumberValue(1);")]
    [TestCase("static int Sum(params ReadOnlySpan<int> a) { var b = 0; foreach (var c in a) b += c; return b; } var d = Sum(1, 2, 3);")]
    public void What_a_parser_needs_is_there(string code)
    {
        Scripts.Compile($"{code}\n{Rest}");
    }

    [Test]
    public void What_the_compiler_makes_of_the_language_is_allowed() => Scripts.Compile(File.ReadAllText(Repository.PathOf("Gateway.Tests", "Scripting", "language.csx")) + Rest);

    [Test]
    public void A_trusted_script_may_use_what_its_references_have()
    {
        var source = new ScriptSource(Scripts.Name, $"var a = System.IO.File.Exists(\"x\"); var b = DateTime.UtcNow; var c = new Random();\n{Rest}");

        Assert.That(ScriptCompiler.Compile(source with { Trusted = true }, ScriptLimits.Default).Problems, Is.Empty);
        Assert.That(ScriptCompiler.Compile(source, ScriptLimits.Default).Problems, Has.Count.EqualTo(2));
    }

    [Test]
    public void Trust_is_given_by_file_name()
    {
        using var folder = new TempFolder();
        var settings = new ScriptSettings { Path = folder.PathOf("scripts"), Trusted = ["x.csx"] };
        var text = $"var a = DateTime.UtcNow;\n{Rest}";
        foreach (var file in new[] { "scripts/x.csx", "scripts/y.csx", "elsewhere/x.csx" })
        {
            folder.Write(file, text);
        }

        Assert.That(Problems("scripts", "x.csx"), Is.Empty);
        Assert.That(Problems("scripts", "y.csx"), Is.EqualTo([ScriptProblemCode.NotForScripts]));
        Assert.That(Problems("elsewhere", "x.csx"), Is.EqualTo([ScriptProblemCode.NotForScripts]), "a file of the same name that lies elsewhere");

        IEnumerable<string> Problems(string place, string script)
        {
            var reading = new SourceReader(new ScriptFolder(folder.PathOf(place)), new ProtoFolder(folder.PathOf("protos")), settings).Read(script);
            return new ScriptBuilder(new UnloadedContexts(), settings).Build(reading.Source!).Problems.Select(problem => problem.Code);
        }
    }

    [Test]
    public void What_could_end_the_process_is_refused_to_a_trusted_script_too()
    {
        var source = new ScriptSource(Scripts.Name, $"class A {{ ~A() {{ }} }}\n{Rest}") { Trusted = true };

        Assert.That(ScriptCompiler.Compile(source, ScriptLimits.Default).Problems.Select(problem => problem.Code), Is.EqualTo([ScriptProblemCode.Finalizer]));
    }
}
