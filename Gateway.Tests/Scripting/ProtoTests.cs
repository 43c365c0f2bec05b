using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Gateway.Scripting;
using Gateway.Tests.Support;

namespace Gateway.Tests.Scripting;

/// <summary>Message types that come with <c>.proto</c> files while the gateway runs.</summary>
internal sealed class ProtoTests
{
    private const string Lock = """
        syntax = "proto3";
        package acme.door_lock;
        import "google/protobuf/timestamp.proto";
        enum State { STATE_UNKNOWN = 0; STATE_OPEN = 1; }
        message Lock { int32 battery = 1; State state = 2; google.protobuf.Timestamp at = 3; }
        """;

    private const string UsingLock = $"using Acme.DoorLock;\nReading[] parse(byte[] payload, DeviceConfig config) => [new(\"A\", Lock.Parser.ParseFrom(payload).Battery)];\n{Scripts.NoCommands}";

    private TempFolder _folder = null!;
    private RecordedLog _log = null!;

    [SetUp]
    public void SetUp() => (_folder, _log) = (new TempFolder(), new RecordedLog());

    [TearDown]
    public void TearDown()
    {
        _log.Dispose();
        _folder.Dispose();
    }

    [TestCase("lock.proto")]
    [TestCase("acme/deep/lock.proto")]
    public void A_file_that_was_dropped_in_is_used_by_its_namespace(string name)
    {
        Proto(name, Lock);

        var script = Good(UsingLock);

        Assert.That(script.Parse(8, 77).Value[0].Values[0].AsInt64(), Is.EqualTo(77));
        Assert.That(script.Version, Is.Not.EqualTo(ScriptVersion.Of(UsingLock)), "another file is another version");
    }

    [Test]
    public void Broken_bytes_are_the_devices_fault()
    {
        Proto("lock.proto", Lock);

        Assert.That(Good(UsingLock).Parse(8).Failure?.Kind, Is.EqualTo(ScriptFailureKind.InvalidPayload));
    }

    [Test]
    public void A_broken_file_is_told_with_its_line_to_those_that_use_it()
    {
        Proto("acme/lock.proto", Lock.Replace("int32 battery = 1;", "int32 battery = x;", StringComparison.Ordinal));

        Assert.That(Problems(UsingLock), Has.One.EqualTo("protos/acme/lock.proto(5,32): error GW0070: Expected field number."));
        Assert.That(Good(CatalogFixture.Giving(1)).Version, Is.EqualTo(ScriptVersion.Of(CatalogFixture.Giving(1))));
    }

    [Test]
    public void A_file_that_imports_what_is_not_there_is_told()
    {
        Proto("lock.proto", Lock + "\nimport \"nowhere.proto\";");

        Assert.That(Problems(UsingLock), Has.Some.Contains("protos/lock.proto(6,1): error GW0070: Import \"nowhere.proto\""));
    }

    [Test]
    public void A_broken_file_does_not_touch_scripts_that_use_another_one()
    {
        Proto("lock.proto", Lock);
        Proto("other.proto", "package other.things; message {");

        Assert.That(Good(UsingLock).Parse(8, 5).Value[0].Values[0].AsInt64(), Is.EqualTo(5));
    }

    [Test]
    public void Files_import_each_other_and_the_built_in_ones()
    {
        Proto("a/base.proto", "syntax = \"proto3\";\npackage base;\nimport \"efento/measurement_type.proto\";\nmessage Part { efento.MeasurementType type = 1; }");
        Proto("b/top.proto", "syntax = \"proto3\";\npackage top;\nimport \"a/base.proto\";\nmessage Whole { base.Part part = 1; }");

        var script = Good($"using Gateway.Protos.Efento;\nReading[] parse(byte[] payload, DeviceConfig config) => [new(\"A\", Top.Whole.Parser.ParseFrom(payload).Part.Type == MeasurementType.Humidity)];\n{Scripts.NoCommands}");

        Assert.That(script.Parse(10, 2, 8, 2).Value[0].Values[0].ToString(), Is.EqualTo("true"));
    }

    [Test]
    public void The_built_in_files_change_nothing_whatever_their_line_endings()
    {
        foreach (var (path, text) in BuiltInProtos.All)
        {
            Proto(path, text.ReplaceLineEndings("\r\n"));
        }

        var source = Read("using Gateway.Protos.Efento;\n" + CatalogFixture.Giving(1));

        Assert.That((BuiltInProtos.All.Count, source.Protos), Is.EqualTo((6, (ProtoSet?)null)));
    }

    [Test]
    public void A_built_in_file_that_was_changed_takes_the_place_of_its_types()
    {
        Proto("efento/rule.proto", BuiltInProtos.All["efento/rule.proto"] + "\nmessage Added { int32 number = 1; }\n");
        Proto("efento/config.proto", BuiltInProtos.All["efento/config.proto"].Replace("uint32 transmission_interval = 3;", "uint32 sending_interval = 3;", StringComparison.Ordinal));

        var script = Good($$"""
            using Gateway.Protos.Efento;
            Reading[] parse(byte[] payload, DeviceConfig config)
            {
                var settings = ProtoConfig.Parser.ParseFrom(payload);
                settings.Rules.Add(new ProtoRule());
                return [new("A", settings.SendingInterval, new Added { Number = 2 }.Number, ProtoMeasurements.Parser.ParseFrom(new byte[0]).CalculateSize())];
            }
            {{Scripts.NoCommands}}
            """);

        Assert.That(script.Parse(24, 60).Value[0].Values.Select(value => value.ToString()), Is.EqualTo(["60", "2", "0"]));
        Assert.That(Problems($"using Gateway.Protos.Efento;\nvar a = new ProtoConfig().TransmissionInterval;\n{Scripts.NoReadings}{Scripts.NoCommands}"), Has.One.Contains("CS1061"));
    }

    [Test]
    public void A_change_of_a_file_is_another_version()
    {
        Proto("lock.proto", Lock);
        var first = Read(UsingLock).Version;
        Proto("lock.proto", Lock + "\n// more");

        Assert.That(Read(UsingLock).Version, Is.Not.EqualTo(first));
    }

    [Test]
    public void What_was_compiled_is_kept()
    {
        Proto("lock.proto", Lock);
        var (first, second) = (Build(UsingLock), Build(UsingLock));
        var kept = Directory.GetFiles(_folder.PathOf("cache")).Length;
        Build(UsingLock + "// another script\n");

        Assert.That((first.FromCache, second.FromCache, kept), Is.EqualTo(((bool?)false, (bool?)true, 2)));
        Assert.That(second.Script!.Parse(8, 9).Value[0].Values[0].AsInt64(), Is.EqualTo(9));
        Assert.That(Directory.GetFiles(_folder.PathOf("cache")), Has.Length.EqualTo(3), "the types are kept for all scripts that use them");
    }

    [Test]
    public void Too_many_files_are_told()
    {
        for (var i = 0; i <= ProtoFolder.MostFiles; i++)
        {
            Proto($"many/f{i}.proto", $"syntax = \"proto3\";\npackage many;\nmessage F{i} {{ }}");
        }

        Assert.That(Problems($"using Many;\n{CatalogFixture.Giving(1)}"), Has.One.Contains("error GW0072: the folder has more than the 200 .proto files"));
    }

    [TestCase("acme", "Acme")]
    [TestCase("acme.door_lock", "Acme.DoorLock")]
    [TestCase("a2b.C_d", "A2B.CD")]
    public void The_namespace_is_that_of_protoc(string package, string space)
    {
        Proto("x.proto", $"syntax = \"proto3\";\npackage {package};\nmessage M {{ int32 n = 1; }}");

        Assert.That(ProtoText.Namespace($"package {package};"), Is.EqualTo(space));
        Assert.That(Good($"{CatalogFixture.Giving(1)}var m = new {space}.M {{ N = 1 }};").Parse().Value, Has.Count.EqualTo(1));
    }

    [Test]
    public void Scripts_with_types_of_their_own_leave_no_context_alive()
    {
        Proto("lock.proto", Lock);
        var contexts = Enumerable.Range(0, 100).SelectMany(Use).ToArray();
        for (var attempt = 0; attempt < 20 && contexts.Any(context => context.IsAlive); attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.That(contexts.Count(context => context.IsAlive), Is.Zero);
    }

    [Test]
    public void A_platform_without_protoc_is_told_to_those_that_need_it()
    {
        Proto("acme/lock.proto", Lock);
        var nowhere = new Protoc(_folder.PathOf("nowhere"), TimeSpan.FromSeconds(10));

        Assert.That(Problems(UsingLock, nowhere), Has.One.EqualTo(
            $"protos/acme/lock.proto(1,1): error GW0071: there is no {nowhere.Program}, which compiles .proto files while the gateway runs; this script works without it only with those that are built in"));
        Assert.That(Problems(CatalogFixture.Giving(1), nowhere), Is.Empty);
    }

    [Test]
    public void What_was_compiled_is_not_taken_from_the_cache_for_another_protoc()
    {
        Proto("lock.proto", Lock);
        Good(UsingLock);

        Assert.That(Problems(UsingLock + "// another script", FakeProtoc.In(_folder, "nothing that runs")), Has.One.Contains("GW0071"));
    }

    [Test]
    public void A_protoc_that_can_not_be_started_is_told()
    {
        Proto("lock.proto", Lock);
        var broken = FakeProtoc.In(_folder, "nothing that runs");

        Assert.That(Problems(UsingLock, broken), Has.One.StartsWith($"protos/lock.proto(1,1): error GW0071: {broken.Program} can't be run: "));
    }

    [Test]
    [Platform("Linux", Reason = "the program is a shell script")]
    public void A_protoc_that_fails_without_a_place_is_told_in_its_words()
    {
        Proto("lock.proto", Lock);

        Assert.That(Problems(UsingLock, FakeProtoc.Running(_folder, "echo out of paper >&2; exit 3")), Is.EqualTo(["protos/lock.proto(1,1): error GW0073: protoc failed: out of paper"]));
    }

    [Test]
    [Platform("Linux", Reason = "the program is a shell script")]
    public void A_protoc_that_does_not_end_is_killed_and_told()
    {
        Proto("lock.proto", Lock);

        var problems = Problems(UsingLock, FakeProtoc.Running(_folder, $"echo $$ > '{_folder.PathOf("pid")}'\nexec sleep 60"));

        Assert.That(problems, Is.EqualTo(["protos/lock.proto(1,1): error GW0073: protoc did not end within 5 s"]));
        var pid = int.Parse(File.ReadAllText(_folder.PathOf("pid")), CultureInfo.InvariantCulture);
        Assert.That(() => Process.GetProcessById(pid), Throws.ArgumentException, "nothing is left of it");
    }

    // What scripts do with messages: read, write, compare, copy, show.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private IEnumerable<WeakReference> Use(int version)
    {
        var script = Good($$"""
            using Acme.DoorLock;
            Reading[] parse(byte[] payload, DeviceConfig config)
            {
                var message = Lock.Parser.ParseFrom(payload);
                var copy = new Lock(message) { State = State.Open, Battery = {{version}} };
                copy.MergeFrom(message.ToByteArray());
                return [new("A", copy.Equals(message), copy.GetHashCode(), copy.ToString(), JsonFormatter.Default.Format(message), JsonParser.Default.Parse<Lock>("{\"state\": \"STATE_OPEN\"}").State.ToString(), copy.Clone().CalculateSize())];
            }
            {{Scripts.NoCommands}}
            """);
        Assert.That(script.Parse(8, 1).Value, Has.Count.EqualTo(1));
        Assert.That(script.Parse(8).Failure, Is.Not.Null);
        script.Unload();
        return script.ContextReferences();
    }

    private void Proto(string name, string text) => _folder.Write($"protos/{name}", text);

    private ScriptSource Read(string text)
    {
        _folder.Write("scripts/x.csx", text);
        return new SourceReader(new ScriptFolder(_folder.PathOf("scripts")), new ProtoFolder(_folder.PathOf("protos")), new ScriptSettings()).Read("x.csx").Source!;
    }

    private ScriptBuild Build(string text, Protoc? protoc = null) =>
        new ScriptBuilder(new UnloadedContexts(), new ScriptSettings(), new ImageCache(_folder.PathOf("cache"), _log), protoc: protoc).Build(Read(text));

    private CompiledScript Good(string text)
    {
        var build = Build(text);
        Assert.That(build.Problems.Select(problem => problem.ToString()), Is.Empty);
        return build.Script!;
    }

    private string[] Problems(string text, Protoc? protoc = null) => [.. Build(text, protoc).Problems.Select(problem => problem.ToString())];
}
